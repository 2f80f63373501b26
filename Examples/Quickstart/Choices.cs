using System.CommandLine;
using StreamLearn.Simulated;

namespace Quickstart;

/// <summary>The options of the demo.</summary>
internal sealed class Choices
{
    /// <summary>Options of the tool, by its command.</summary>
    private static readonly (string Command, string[] Options)[] OfTool =
    [
        ("answer", ["--answer", "--follow"]),
        ("fit",
        [
            "--csv", "--arrow", "--label", "--target", "--ahead", "--device", "--rate", "--channels", "--ignore", "--time", "--time-format",
            "--missing", "--delimiter", "--encoding", "--comment", "--no-header", "--unseen", "--window", "--model", "--alone", "--bound",
            "--seeds", "--checkpoint",
        ]),
    ];

    private readonly Option<DirectoryInfo?> _data = Of<DirectoryInfo?>("--data",
        "Real recordings in the layout of the UCI HAR raw files: each person is a device. Without it, data are generated.");

    private readonly Option<int?> _devices = RunChoices.Devices();

    private readonly Option<long> _seed = RunChoices.Seed();

    private readonly Option<ModeChoice?> _mode = RunChoices.Mode();

    private readonly Option<StepChoice?> _steps = RunChoices.Steps();

    private readonly Option<double?> _goal = RunChoices.Goal();

    private readonly Option<double?> _seconds = RunChoices.Seconds();

    private readonly Option<bool> _contrast = RunChoices.Contrast();

    private readonly Option<FileInfo?> _scenario = RunChoices.Scenario();

    private readonly Option<string?> _graph = RunChoices.Graph();

    private readonly Option<bool> _explain = RunChoices.Explain();

    private readonly Option<DirectoryInfo> _out = new("--out")
    {
        Description = "Folder for report.html, events.jsonl, result.json, accuracy.csv, the graphs and the explanation. Default out.",
        DefaultValueFactory = static _ => new("out"),
        CustomParser = static result =>
        {
            if (result.Tokens[0].Value is { Length: > 0 } name) { return new(name); }
            result.AddError("--out: expected a folder, got ''");
            return null;
        },
    };

    private readonly Option<FileInfo?> _json = Of<FileInfo?>("--json",
        "Write the result to a file; if a run fails, the error, the exit code and the partial result.");

    internal void AddTo(Command command)
    {
        _graph.AcceptOnlyFromAmong("mermaid", "dot");
        Option[] all =
            [_data, _devices, _seed, _mode, _steps, _goal, _seconds, _contrast, _scenario, _graph, _explain, _out, _json];
        foreach (var option in all) { command.Add(option); }
        command.Validators.Add(result =>
        {
            if (all.All(o => result.GetResult(o)?.Errors.Any() != true) && result.GetValue(_contrast)
                && result.GetValue(_mode) is ModeChoice.Async or ModeChoice.Barrier)
            {
                result.AddError("--contrast: leave --mode out; it compares both");
            }
        });
    }

    /// <summary>The tool's command that has an option which the demo lacks; null: none has.</summary>
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

    internal FleetOptions Of(ParseResult result, string program) => new()
    {
        Program = program,
        Data = result.GetValue(_data),
        Devices = result.GetValue(_devices),
        Seed = result.GetValue(_seed),
        Mode = result.GetValue(_mode),
        Steps = result.GetValue(_steps),
        Goal = result.GetValue(_goal) ?? 0.80,
        Seconds = result.GetValue(_seconds),
        Contrast = result.GetValue(_contrast),
        Scenario = result.GetValue(_scenario),
        Graph = result.GetValue(_graph),
        Explain = result.GetValue(_explain),
        Out = result.GetValue(_out) ?? new("out"),
        Json = result.GetValue(_json),
        CommandLine = string.Join(' ', result.Tokens.Select(static t => t.Value)),
    };

    private static Option<T> Of<T>(string name, string description) => new(name) { Description = description };
}
