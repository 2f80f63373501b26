using System.CommandLine;
using System.CommandLine.Parsing;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

internal sealed class Choices(FitCommand kind, string program)
{
    private Option[] _all = [];

    private readonly Option<DirectoryInfo?> _data = Of<DirectoryInfo?>("--data",
        "Real recordings in the layout of the UCI HAR raw files: each person is a device. Without it, data are generated.");

    private readonly Option<string?> _csv = Of<string?>("--csv",
        "Your own rows: a file of comma-separated values, or several: 'data/*.csv', 'data/{person}/*.csv.gz'.", "files");

    private readonly Option<string?> _arrow = Of<string?>("--arrow",
        "The same of files of Arrow that another tool has written: 'data/*.arrow'. The options of --csv go with it, but for "
            + "--follow.", "files");

    private readonly Option<string?> _label = Of<string?>("--label", "The column with the class; with --csv or --arrow.", "column");

    private readonly Option<string?> _value = Of<string?>("--target",
        "The column with the value to learn, such as a remaining life; with --csv or --arrow. One machine learns it, or with --mode a "
            + "simulated fleet.", "column");

    private readonly Option<double?> _ahead = Numbers.Optional<double>(
        "--ahead", "Learn what the column of --target or --label is so many seconds later; with --csv or --arrow.", 0.001, 1e9);

    private readonly Option<string?> _device = Of<string?>("--device",
        "Whose row it is: a column, a part of the files' names, file (each file is a device) or none (all is one's); with --csv or "
            + "--arrow. Default: found by its name.", "column");

    private readonly Option<double?> _rate = Numbers.Optional<double>(
        "--rate", "Rows a second, where no column is a time; with --csv or --arrow.", 1e-6, 1e6);

    private readonly ColumnOptions _columns = new();

    private readonly Option<string?> _unseen = Of<string?>("--unseen",
        "Devices that no one learns from, and that the model is judged by: 'p07,p09'; with --csv or --arrow. Default: one of five. Of one "
            + "device the last fifth of each class judges.", "devices");

    private readonly Option<WindowLength?> _window = WindowLength.Option(
        "--window", "Length of a window in seconds; with --csv, --arrow or --data. Default 2.56 s, or 64 rows where they come more slowly "
            + "than 10 a second, but at most a third of what usually has one label. row: each row is learned from by itself; with --csv or "
            + "--arrow.", 1e-6, 1e9);

    private readonly Option<ModelKind?> _model = Words.Option(
        "--model", "conv: convolutions over samples. linear: softmax regression on features of windows, of values ridge regression. "
            + "features: a small network on them. rocket: as linear, on random convolutions of windows. "
            + "lags: as linear, on the rows of a window as they are. auto: all are tried, lags of forecasts by one machine, and judged by "
            + "devices that are left out. Default auto with --csv or --arrow, else conv.",
        ("conv", ModelKind.Conv), ("features", ModelKind.Features), ("auto", ModelKind.Auto), ("linear", ModelKind.Linear),
        ("rocket", ModelKind.Rocket), ("lags", ModelKind.Lags));

    private readonly Option<bool> _alone = Of<bool>("--alone",
        "No fleet: one machine learns from the rows of all; with --csv, --arrow or --data. One device always learns so.");

    private readonly Option<double?> _bound = Numbers.Optional(
        "--bound", kind == FitCommand.Answer
            ? "Write the classes of which one is right, or the bounds of a value, for this share of the windows of devices that nobody "
                + "learned from: 0.9. The model has to be of fit --bound."
            : "Judge by devices left out how many classes, or which bounds of a value, hold the right one for this share of the windows: "
                + "0.9; by 15 devices or more, "
                + "with --alone, or of a fleet, which then learns five times more, each time without a fifth of its devices.",
        0.5, 0.999);

    private readonly Argument<string> _saved = new("model") { Description = "The file of a model that was saved." };

    private readonly Option<bool> _follow = Of<bool>("--follow", "Go on answering as the file grows; with --csv.");

    private readonly Option<int?> _devices = Numbers.Optional<int>(
        "--devices", "Devices, 1 to 10000. Default 20 generated ones, or every training person of --data.", 1, 10_000);

    private readonly Option<long> _seed = new("--seed")
    {
        Description = "Seed of every random stream. Default 42.",
        DefaultValueFactory = _ => 42,
    };

    private readonly Option<int?> _seeds = Numbers.Optional<int>(
        "--seeds", "Make the job with so many seeds, from --seed on, 1 to 100, and show means and spread; the report is of the "
            + "first. Default 1.",
        1, 100);

    private readonly Option<ModeChoice?> _mode = Words.Option(
        "--mode", "async: no barrier, a version from every 10 updates, or as many as there are sound devices if they are fewer. "
            + "barrier: a round waits for every device. both: each in a world of its own. Default both.",
        ("async", ModeChoice.Async), ("barrier", ModeChoice.Barrier), ("both", ModeChoice.Both));

    private readonly Option<StepChoice?> _steps = Words.Option(
        "--steps", "continuous: devices train from their buffers as fast as they can. rows: each labelled window earns a step. Default "
            + "continuous.", ("continuous", StepChoice.Continuous), ("rows", StepChoice.Rows));

    private readonly Option<double?> _goal = RunChoices.Goal();

    private readonly Option<double?> _seconds = Numbers.Optional<double>(
        "--seconds", "Virtual time of a run, 1 to 100000. Default: the scenario's.", 1, 100_000);

    private readonly Option<bool> _contrast = RunChoices.Contrast();

    private readonly Option<FileInfo?> _scenario = RunChoices.Scenario();

    private readonly Option<string?> _graph = RunChoices.Graph();

    private readonly Option<bool> _explain = RunChoices.Explain();

    private readonly Option<DirectoryInfo?> _out = new("--out")
    {
        Description = kind == FitCommand.Answer
            ? "A file for the answers, named .csv, .arrow, .feather or .arrows. Default: lines on standard output."
            : "Folder for report.html, events.jsonl, result.json, accuracy.csv, the graphs and the explanation. Default out.",
        DefaultValueFactory = kind == FitCommand.Answer ? null : _ => new("out"),
        CustomParser = result =>
        {
            if (result.Tokens[0].Value is { Length: > 0 } name) { return new(name); }
            result.AddError($"--out: expected a {(kind == FitCommand.Answer ? "file" : "folder")}, got ''");
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
        if (kind == FitCommand.Answer) { command.Add(_saved); }
        _all =
        [
            _csv, _arrow, _data, _label, _value, _ahead, _device, _rate, .. _columns.All, _unseen, _window, _model, _alone, _bound, _follow,
            _devices, _seed, _seeds, _mode, _steps, _goal, _seconds, _contrast, _scenario, _graph, _explain, _out, _json, _checkpoint,
        ];
        foreach (var option in _all)
        {
            if (command.Options.Any(o => o.Name == option.Name)) { continue; }      // the program has one of that name
            option.Hidden = !OptionRules.Has(kind, option.Name);
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.Errors.Any() || _all.Any(o => result.GetResult(o)?.Errors.Any() == true)) { return; }
            if (OptionRules.Broken(kind, Given(result)) is { } rule) { result.AddError(rule); }
        });
    }

    private List<(string Option, string Value)> Given(SymbolResult result) =>
        [.. from option in _all
            let given = result.GetResult(option)
            where given is { Implicit: false }
            select (option.Name, string.Join(' ', given.Tokens.Select(static t => t.Value)))];

    internal JobOptions Of(ParseResult result) => new()
    {
        Kind = kind,
        Program = program,
        Data = result.GetValue(_data),
        Csv = result.GetValue(_csv),
        Arrow = result.GetValue(_arrow),
        Label = result.GetValue(_label),
        Device = result.GetValue(_device),
        Rate = result.GetValue(_rate),
        Columns = ColumnsOf(result) with
        {
            Target = result.GetValue(_value),
            Ahead = result.GetValue(_ahead) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        },
        Unseen = result.GetValue(_unseen),
        Window = result.GetValue(_window),
        ModelAsked = result.GetValue(_model),
        Alone = result.GetValue(_alone),
        Bound = result.GetValue(_bound),
        Answer = kind == FitCommand.Answer ? new(result.GetValue(_saved)!) : null,
        Answers = kind == FitCommand.Answer && result.GetValue(_out) is { } answers ? new(answers.ToString()) : null,
        Follow = result.GetValue(_follow),
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
        CommandLine = string.Join(' ', result.Tokens.Select(t => t.Value)),
        Json = result.GetValue(_json),
        Checkpoint = result.GetValue(_checkpoint),
    };

    /// <summary><c>answer</c> also has row times, <c>t:ms</c>, with the same meaning for files.</summary>
    private LookOptions ColumnsOf(ParseResult result)
    {
        var said = _columns.Of(result);
        return kind == FitCommand.Answer && result.GetValue<string?>("--time") is { } time && time.LastIndexOf(':') is > 0 and var at
            ? said with { Time = time[..at], TimeFormat = time[(at + 1)..] } : said;
    }

    private static Option<T> Of<T>(string name, string description, string? help = null) =>
        new(name) { Description = description, HelpName = help };
}
