namespace StreamLearn.Programs;

/// <summary>A server is of no use to a program, which ends for it.</summary>
internal sealed class ServerRefusedException(ServerRefusal refusal) : Exception(refusal?.Text)
{
    /// <summary>What the program ends with.</summary>
    public int ExitCode { get; } = refusal?.ExitCode ?? ProgramExit.NoLink;
}
