using System.CommandLine;

namespace StreamLearn.Simulated;

/// <summary>Options of a run that the Quickstart and <c>fit</c> share.</summary>
internal static class RunChoices
{
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
