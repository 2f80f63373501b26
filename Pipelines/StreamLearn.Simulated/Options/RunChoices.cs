using System.CommandLine;

namespace StreamLearn.Simulated;

/// <summary>Options of a run that the Quickstart and <c>fit</c> share.</summary>
internal static class RunChoices
{
    internal static Option<int?> Devices() => Numbers.Optional<int>(
        "--devices", "Devices, 1 to 10000. Default 20 generated ones, or every training person of --data.", 1, 10_000);

    internal static Option<long> Seed() => new("--seed")
    {
        Description = "Seed of every random stream. Default 42.",
        DefaultValueFactory = static _ => 42,
    };

    internal static Option<ModeChoice?> Mode() => Words.Option(
        "--mode", "async: no barrier; a version from every 10 updates, or from one update per healthy device if they are fewer. "
            + "barrier: a round waits for every device. both: one after the other, each in its own simulation. Default both.",
        ("async", ModeChoice.Async), ("barrier", ModeChoice.Barrier), ("both", ModeChoice.Both));

    internal static Option<StepChoice?> Steps() => Words.Option(
        "--steps", "continuous: devices train from their buffers as fast as they can. rows: each labelled window earns a step. Default "
            + "continuous.", ("continuous", StepChoice.Continuous), ("rows", StepChoice.Rows));

    internal static Option<double?> Seconds() => Numbers.Optional<double>(
        "--seconds", "Virtual time of a run, 1 to 100000. Default: the scenario's.", 1, 100_000);

    internal static Option<double?> Goal() => Numbers.Optional(
        "--goal", "Target accuracy, 0.01 to 1; the run reports when it is reached. Default 0.80.", 0.01, 1);

    internal static Option<bool> Contrast() => Of<bool>("--contrast",
        "Also run both modes with recordings at their own speed, where asynchronous training gains little.");

    internal static Option<FileInfo?> Scenario() => Of<FileInfo?>("--scenario",
        "A JSON file with speeds, links and faults of the devices. Default faults.json: 12.5 million multiply-adds a second, 2 Mbit/s, "
            + "30 ms, one device about nine times slower and three with faults. straggler.json: the same without the faults.");

    internal static Option<string?> Graph() => Of<string?>("--graph", "Print the graph as mermaid or dot and exit.");

    internal static Option<bool> Explain() => Of<bool>("--explain",
        "Print capacity, policy, worst-case bytes and delivery level of every block and edge, and exit.");

    private static Option<T> Of<T>(string name, string description) => new(name) { Description = description };
}
