using System.CommandLine;

namespace StreamLearn.Programs;

internal static class ProgramOptions
{
    public static Option<FileInfo?> Ledger() => new("--ledger")
    {
        Description = "Append a line for each update to this file, once a checkpoint contains it.",
        HelpName = "file",
    };

    public static RecordedStart StartOf<T>(string program, ConfigReading<T> config, ParseResult result) =>
        new(program, Path.GetFullPath(result.GetValue<string[]>("--config")![0]), config.ToYaml(), Epoch: 0,
            HasLedger: result.GetValue<FileInfo?>("--ledger") is not null, Own: []);

    public static Option<TimeSpan?> Drain() => TimeOption.Create("--drain",
        "When stopped, finish the work in progress instead of saving it for the next start: --drain=60s; alone, within 10s.",
        Ending.TimeToEnd);
}
