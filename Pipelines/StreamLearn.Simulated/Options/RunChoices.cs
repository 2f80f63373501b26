using System.CommandLine;

namespace StreamLearn.Simulated;

internal sealed class RunChoices
{
    private readonly Option<int?> _devices = Numbers.Optional<int>(
        "--devices", "Devices, 1 to 10000. Default 20 generated ones, or every training person of --data.", 1, 10_000);

    private readonly Option<long> _seed = new("--seed")
    {
        Description = "Seed of every random stream. Default 42.",
        DefaultValueFactory = static _ => 42,
    };

    private readonly Option<ModeChoice?> _mode = Words.Option(
        "--mode", "async: no barrier; a version from every 10 updates, or from one update per healthy device if they are fewer. "
            + "barrier: a round waits for every device. both: one after the other, each in its own simulation. Default both.",
        ("async", ModeChoice.Async), ("barrier", ModeChoice.Barrier), ("both", ModeChoice.Both));

    private readonly Option<StepChoice?> _steps = Words.Option(
        "--steps", "continuous: devices train from their buffers as fast as they can. rows: each labelled window earns a step. Default "
            + "continuous.", ("continuous", StepChoice.Continuous), ("rows", StepChoice.Rows));

    private readonly Option<double?> _goal = Numbers.Optional(
        "--goal", "Target accuracy, 0.01 to 1; the run reports when it is reached. Default 0.80.", 0.01, 1);

    private readonly Option<double?> _seconds = Numbers.Optional<double>(
        "--seconds", "Virtual time of a run, 1 to 100000. Default: the scenario's.", 1, 100_000);

    private readonly Option<bool> _contrast = Of<bool>("--contrast",
        "Also run both modes with recordings at their own speed, where asynchronous training gains little.");

    private readonly Option<FileInfo?> _scenario = Of<FileInfo?>("--scenario",
        "A JSON file with speeds, links and faults of the devices. Default faults.json: 12.5 million multiply-adds a second, 2 Mbit/s, "
            + "30 ms, one device about nine times slower and three with faults. straggler.json: the same without the faults.");

    private readonly Option<string?> _graph = Of<string?>("--graph", "Print the graph as mermaid or dot and exit.");

    private readonly Option<bool> _explain = Of<bool>("--explain",
        "Print capacity, policy, worst-case bytes and delivery level of every block and edge, and exit.");

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
        "Write the result to a file; if a run fails, the error, the exit code and the partial result.");

    internal RunChoices() => _graph.AcceptOnlyFromAmong("mermaid", "dot");

    internal Option<DirectoryInfo?> Data { get; } = Of<DirectoryInfo?>("--data",
        "Real recordings in the layout of the UCI HAR raw files: each person is a device. Without it, data are generated.");

    /// <summary>All but <c>--data</c>.</summary>
    internal IReadOnlyList<Option> OfRun =>
        [_devices, _seed, _mode, _steps, _goal, _seconds, _contrast, _scenario, _graph, _explain, _out, _json];

    /// <summary>Adds what a command line says of the run to <paramref name="options"/>.</summary>
    internal FleetOptions Of(ParseResult result, FleetOptions options) => options with
    {
        Data = result.GetValue(Data),
        Devices = result.GetValue(_devices),
        Seed = result.GetValue(_seed),
        Mode = result.GetValue(_mode),
        Steps = result.GetValue(_steps),
        Goal = result.GetValue(_goal) ?? options.Goal,
        Seconds = result.GetValue(_seconds),
        Contrast = result.GetValue(_contrast),
        Scenario = result.GetValue(_scenario),
        Graph = result.GetValue(_graph),
        Explain = result.GetValue(_explain),
        Out = result.GetValue(_out) ?? options.Out,
        Json = result.GetValue(_json),
        CommandLine = string.Join(' ', result.Tokens.Select(static t => t.Value)),
    };

    private static Option<T> Of<T>(string name, string description) => new(name) { Description = description };
}
