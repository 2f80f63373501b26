using System.CommandLine;
using System.CommandLine.Parsing;
using StreamLearn;
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
        "The same for Arrow files of another tool: 'data/*.arrow'. The options of --csv apply, except "
            + "--follow.", "files");

    private readonly Option<string?> _label = Of<string?>("--label", "The column with the class; with --csv or --arrow.", "column");

    private readonly Option<string?> _value = Of<string?>("--target",
        "The column with the value to learn, such as a remaining life; with --csv or --arrow. One machine learns it, or with --mode a "
            + "simulated fleet.", "column");

    private readonly Option<double?> _ahead = Numbers.Optional<double>(
        "--ahead", "Learn the value of --target or --label this many seconds later; with --csv or --arrow.", 0.001, 1e9);

    private readonly Option<string?> _device = Of<string?>("--device",
        "The device of a row: a column, a part of the file names, file (each file is a device) or none (one device); with --csv or "
            + "--arrow. Default: detected by its name.", "column");

    private readonly Option<double?> _rate = Numbers.Optional<double>(
        "--rate", "Rows per second, if no column has the time; with --csv or --arrow.", 1e-6, 1e6);

    private readonly ColumnOptions _columns = new();

    private readonly Option<string?> _unseen = Of<string?>("--unseen",
        "Devices held out to evaluate the model: 'p07,p09'; with --csv or --arrow. Default: one of five. With one "
            + "device the last fifth of each class is held out.", "devices");

    private readonly Option<WindowLength?> _window = WindowLength.Option(
        "--window", "Length of a window in seconds; with --csv, --arrow or --data. Default 2.56 s, or 64 rows if there are fewer "
            + "than 10 per second, but at most a third of the usual length of a label. row: each row is a sample by itself; with --csv or "
            + "--arrow.", 1e-6, 1e9);

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
        "--bound", kind == FitCommand.Answer
            ? "Write a set of classes, or bounds of a value, that contain the right one for this share of the windows of new devices: "
                + "0.9. Needs a model of fit --bound."
            : "Calibrate sets of classes, or bounds of a value, that contain the right one for this share of the windows of new devices: "
                + "0.9; needs 15 devices or more, "
                + "with --alone or in the simulation, where the fleet trains five more times, each time without a fifth of its devices.",
        0.5, 0.999);

    private readonly Argument<string> _saved = new("model") { Description = "The file of a saved model." };

    private readonly Option<bool> _follow = Of<bool>("--follow", "Keep answering as the file grows; with --csv.");

    private readonly Option<int?> _devices = Numbers.Optional<int>(
        "--devices", "Devices, 1 to 10000. Default 20 generated ones, or every training person of --data.", 1, 10_000);

    private readonly Option<long> _seed = new("--seed")
    {
        Description = "Seed of every random stream. Default 42.",
        DefaultValueFactory = _ => 42,
    };

    private readonly Option<int?> _seeds = Numbers.Optional<int>(
        "--seeds", "Run the job with this many seeds, starting at --seed, 1 to 100, and show mean and spread; the report is of the "
            + "first. Default 1.",
        1, 100);

    private readonly Option<HostKind?> _host = Words.Option(
        "--host", "simulation: one thread, a virtual clock, emulated links, the same bits each time. dataflow: real threads, as "
            + "fast as they go. Default simulation.", ("simulation", HostKind.Simulation), ("dataflow", HostKind.Dataflow));

    private readonly Option<Uri?> _link = new("--link")
    {
        Description = "Run the fleet over a server instead of in the process; implies --host dataflow. MQTT: mqtt://host[:1883], "
            + "mqtts://host[:8883]; mosquitto's default settings suffice for 495 devices; for more, raise max_queued_messages. NATS: "
            + "nats://host[:4222], tls://host[:4222]; the server needs JetStream (nats-server -js).",
        HelpName = "server",
        CustomParser = static result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) ? uri : null,
    };

    private readonly Option<RowsChoice?> _rows = Words.Option(
        "--rows", "How rows get from sensors to their devices. inside: within the device. link: as Arrow over the server, where "
            + "streamlearn tap 'URL/sl/+/+/rows' --format arrow shows them. Default inside.", ("inside", RowsChoice.Inside),
        ("link", RowsChoice.Link));

    private readonly Option<FileInfo?> _login = Of<FileInfo?>("--login", "A file of two lines, user name and password; with --link.");

    private readonly Option<double?> _linkTimeout = Numbers.Optional<double>(
        "--link-timeout", "Seconds to wait for an unreachable server, 1 to 86400; after that the run stops with "
            + "a partial result. Default 60.",
        1, 86_400);

    private readonly Option<ModeChoice?> _mode = Words.Option(
        "--mode", "async: no barrier, a version from every 10 updates, or from one per healthy device if they are fewer. "
            + "barrier: a round waits for every device. both: each in its own simulation. Default both in the simulation, async elsewhere.",
        ("async", ModeChoice.Async), ("barrier", ModeChoice.Barrier), ("both", ModeChoice.Both));

    private readonly Option<StepChoice?> _steps = Words.Option(
        "--steps", "continuous: devices train from their buffers as fast as they can. rows: each labelled window earns a step. Default "
            + "continuous in the simulation, rows elsewhere.", ("continuous", StepChoice.Continuous), ("rows", StepChoice.Rows));

    private readonly Option<double?> _goal = RunChoices.Goal();

    private readonly Option<double?> _seconds = Numbers.Optional<double>(
        "--seconds", "Virtual time of a run in seconds, 1 to 100000; only in the simulation. Default: the scenario's.", 1, 100_000);

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
        "Write the result to a file; if the run fails, the error, the exit code and the partial result.");

    private readonly Option<FileInfo?> _record = Of<FileInfo?>("--record",
        "Record the order of all calls to a file, which streamlearn replay repeats; with --host dataflow or --link.");

    private readonly Argument<FileInfo> _recording = new("recording") { Description = "A file written by fit --record." };

    private readonly Option<DirectoryInfo?> _checkpoint = Of<DirectoryInfo?>("--checkpoint",
        "A folder to save the job about every second and at Ctrl-C; the same command resumes it, and in the simulation ends "
            + "with the same bits.");

    internal void AddTo(Command command)
    {
        _graph.AcceptOnlyFromAmong("mermaid", "dot");
        _link.Validators.Add(CheckLink);
        if (kind == FitCommand.Answer) { command.Add(_saved); }
        if (kind == FitCommand.Replay) { command.Add(_recording); }
        _all =
        [
            _csv, _arrow, _data, _label, _value, _ahead, _device, _rate, .. _columns.All, _unseen, _window, _model, _alone, _bound, _follow,
            _devices, _seed,
            _seeds, _host, _link,
            _rows, _login, _linkTimeout, _mode, _steps, _goal, _seconds, _contrast, _scenario, _graph, _explain, _out, _json, _record,
            _checkpoint,
        ];
        foreach (var option in _all)
        {
            if (command.Options.Any(o => o.Name == option.Name)) { continue; }      // the program already has an option of that name
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

    /// <summary>Options of a recorded run, if no others are given.</summary>
    /// <exception cref="ProgramException">The recording cannot be read.</exception>
    internal JobOptions WithRecorded(ParseResult result)
    {
        var given = Given(result.CommandResult);
        List<string> words = [result.GetValue(_recording)!.ToString()];
        foreach (var (option, value) in given.Concat(
            Recording.OptionsOf(result.GetValue(_recording)!).Where(r => !given.Exists(g => g.Option == r.Option))))
        {
            words.Add(option);
            if (value.Length > 0) { words.Add(value); }
        }

        var (choices, command) = (new Choices(kind, program), new Command("replay"));
        choices.AddTo(command);
        var parsed = command.Parse(words);
        return parsed.Errors is [] ? choices.Of(parsed)
            : throw new ProgramException($"{words[0]}: {parsed.Errors[0].Message}", ExitCode.BadCommandLine);
    }

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
        Host = result.GetValue(_link) is null ? result.GetValue(_host) ?? HostKind.Simulation : HostKind.Dataflow,
        Link = result.GetValue(_link),
        RowsOverLink = result.GetValue(_rows) == RowsChoice.Link,
        Login = result.GetValue(_login),
        LinkTimeout = TimeSpan.FromSeconds(result.GetValue(_linkTimeout) ?? 60),
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
        Record = result.GetValue(_record),
        Recorded = [.. OptionRules.Kept(Given(result.CommandResult))],
        Replay = kind == FitCommand.Replay ? result.GetValue(_recording) : null,
        Checkpoint = result.GetValue(_checkpoint),
    };

    /// <summary><c>answer</c> also has row times, <c>t:ms</c>, with the same meaning for files.</summary>
    private LookOptions ColumnsOf(ParseResult result)
    {
        var said = _columns.Of(result);
        return kind == FitCommand.Answer && result.GetValue<string?>("--time") is { } time && time.LastIndexOf(':') is > 0 and var at
            ? said with { Time = time[..at], TimeFormat = time[(at + 1)..] } : said;
    }

    private static void CheckLink(OptionResult result)
    {
        var uri = Uri.TryCreate(result.Tokens is [var token, ..] ? token.Value : null, UriKind.Absolute, out var given) ? given : null;
        if (uri is null || !EdgeServer.Schemes.Contains(uri.Scheme) || uri.PathAndQuery is not ("/" or "") || uri.Host.Length == 0
            || uri.Port == 0)
        {
            result.AddError("--link: expected mqtt://host[:port], mqtts://, nats:// or tls://");
        }
        else if (uri.UserInfo.Length > 0)
        {
            result.AddError("--link: expected no user or password: put them in a file, for --login");
        }
    }

    private static Option<T> Of<T>(string name, string description, string? help = null) =>
        new(name) { Description = description, HelpName = help };
}
