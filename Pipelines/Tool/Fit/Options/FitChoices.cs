using System.CommandLine;
using StreamLearn.Tables;

namespace Tool;

/// <summary>The options of <c>fit</c>.</summary>
internal sealed class FitChoices
{
    private readonly RowChoices _rows = new();

    private readonly Option<DirectoryInfo?> _data = Of<DirectoryInfo?>("--data",
        "Real recordings in the layout of the UCI HAR raw files: each person is a device. Without it, data are generated.");

    private readonly Option<string?> _unseen = Of<string?>("--unseen",
        "Devices held out to evaluate the model: 'p07,p09'; with --csv or --arrow. Default: one of five. With one "
            + "device the last fifth of each class is held out.", "devices");

    private readonly Option<ModelKind?> _model = Words.Option(
        "--model", "conv: convolutions over samples. linear: softmax regression on features of windows, of values ridge regression. "
            + "features: a small network on them. rocket: as linear, on random convolutions of windows. "
            + "lags: as linear, on the raw rows of a window. auto: tries all (lags only for forecasts by one machine) and compares them on "
            + "held-out devices. Default auto with --csv or --arrow, else conv.",
        ("conv", ModelKind.Conv), ("features", ModelKind.Features), ("auto", ModelKind.Auto), ("linear", ModelKind.Linear),
        ("rocket", ModelKind.Rocket), ("lags", ModelKind.Lags));

    private readonly Option<bool> _alone = Of<bool>("--alone",
        "No fleet: one machine learns from all rows; with --csv, --arrow or --data. Always used for one device.");

    private readonly Option<double?> _bound = Numbers.Optional(
        "--bound", "Judge by devices left out how many classes, or which bounds of a value, hold the right one for this share of the "
            + "windows: 0.9; by 15 devices or more, with --alone, or of a fleet, which then learns five times more, each time without a "
            + "fifth of its devices.",
        0.5, 0.999);

    private readonly Option<int?> _devices = RunChoices.Devices();

    private readonly Option<long> _seed = RunChoices.Seed();

    private readonly Option<int?> _seeds = Numbers.Optional<int>(
        "--seeds", "Run the job with this many seeds, starting at --seed, 1 to 100, and show mean and spread; the report is of the "
            + "first. Default 1.",
        1, 100);

    private readonly Option<ModeChoice?> _mode = RunChoices.Mode();

    private readonly Option<StepChoice?> _steps = RunChoices.Steps();

    private readonly Option<double?> _goal = RunChoices.Goal();

    private readonly Option<double?> _seconds = RunChoices.Seconds();

    private readonly Option<bool> _contrast = RunChoices.Contrast();

    private readonly Option<FileInfo?> _scenario = RunChoices.Scenario();

    private readonly Option<string?> _graph = RunChoices.Graph();

    private readonly Option<bool> _explain = RunChoices.Explain();

    private readonly Option<DirectoryInfo?> _out = new("--out")
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
        "Write the result to a file; of a run that fails the error, the exit code and what is known by then.");

    private readonly Option<DirectoryInfo?> _checkpoint = Of<DirectoryInfo?>("--checkpoint",
        "A folder where the job is saved about every second and at Ctrl-C; the same command goes on from there, and ends with the same "
            + "bits.");

    internal void AddTo(Command command)
    {
        _graph.AcceptOnlyFromAmong("mermaid", "dot");
        Given.Add(command,
            [
                _data, .. _rows.ToLearn, _unseen, _model, _alone, _bound, _devices, _seed, _seeds, _mode, _steps, _goal, _seconds,
                _contrast, _scenario, _graph, _explain, _out, _json, _checkpoint,
            ], OptionRules.OfFit);
    }

    internal JobOptions Of(ParseResult result, string program) => new()
    {
        Program = program,
        From = _rows.Of(result),
        Data = result.GetValue(_data),
        Unseen = result.GetValue(_unseen),
        ModelAsked = result.GetValue(_model),
        Alone = result.GetValue(_alone),
        Bound = result.GetValue(_bound),
        Devices = result.GetValue(_devices),
        Seed = result.GetValue(_seed),
        Seeds = result.GetValue(_seeds) ?? 1,
        Mode = result.GetValue(_mode),
        Steps = result.GetValue(_steps),
        Goal = result.GetValue(_goal) ?? 0.80,
        Seconds = result.GetValue(_seconds),
        Contrast = result.GetValue(_contrast),
        Scenario = result.GetValue(_scenario),
        Graph = result.GetValue(_graph),
        Explain = result.GetValue(_explain),
        Out = result.GetValue(_out) ?? new("out"),
        CommandLine = string.Join(' ', result.Tokens.Select(static t => t.Value)),
        Json = result.GetValue(_json),
        Checkpoint = result.GetValue(_checkpoint),
    };

    private static Option<T> Of<T>(string name, string description, string? help = null) =>
        new(name) { Description = description, HelpName = help };
}
