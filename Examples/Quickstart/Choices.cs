using System.CommandLine;
using StreamLearn.Simulated;

namespace Quickstart;

internal sealed class Choices
{
    private static readonly (string Command, string[] Options)[] OfTool =
    [
        ("answer", ["--answer", "--follow"]),
        ("fit",
        [
            "--csv", "--arrow", "--label", "--target", "--ahead", "--device", "--rate", "--channels", "--ignore", "--time", "--time-format",
            "--missing", "--delimiter", "--encoding", "--comment", "--no-header", "--header", "--unseen", "--window", "--model", "--alone",
            "--bound",
            "--seeds", "--checkpoint",
        ]),
    ];

    private readonly RunChoices _run = new();

    internal void AddTo(Command command)
    {
        Option[] all = [_run.Data, .. _run.OfRun];
        foreach (var option in all) { command.Add(option); }
        command.Validators.Add(result =>
        {
            if (all.All(o => result.GetResult(o)?.Errors.Any() != true) && result.GetValue<bool>("--contrast")
                && result.GetValue<ModeChoice?>("--mode") is ModeChoice.Async or ModeChoice.Barrier)
            {
                result.AddError("--contrast: leave --mode out; it compares both");
            }
        });
    }

    /// <summary>Returns the tool's command that has an option which the demo lacks; null: none.</summary>
    internal static string? MovedTo(IReadOnlyList<string> arguments)
    {
        foreach (var (command, options) in OfTool)
        {
            if (arguments.Select(static a => a.Split('=')[0]).FirstOrDefault(options.Contains) is { } option)
            {
                return $"{option}: this is an option of the tool: streamlearn {command} --help";
            }
        }

        return GoneOptions.Refusal(arguments);
    }

    internal FleetOptions Of(ParseResult result, string program) => _run.Of(result, new() { Program = program });
}
