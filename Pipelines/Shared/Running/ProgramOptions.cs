using System.CommandLine;

namespace StreamLearn.Programs;

/// <summary>Options that more than one program has.</summary>
internal static class ProgramOptions
{
    /// <summary><c>--ledger</c>: a file where every update is written down.</summary>
    public static Option<FileInfo?> Ledger() => new("--ledger")
    {
        Description = "Append a line for each update to this file, once a checkpoint holds it.",
        HelpName = "file",
    };

    /// <summary><c>--drain</c>: how the program ends when it is asked to.</summary>
    public static Option<TimeSpan?> Drain() => TimeOption.Create("--drain",
        "When stopped, finish the work in progress instead of saving it for the next start: --drain=60s; alone, within 10s.",
        Ending.TimeToEnd);
}
