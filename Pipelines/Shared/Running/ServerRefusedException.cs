using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal sealed class ServerRefusedException(ServerRefusal refusal) : Exception(refusal?.Text)
{
    public int ExitCode { get; } = refusal?.ExitCode ?? ProgramExit.NoLink;
}
