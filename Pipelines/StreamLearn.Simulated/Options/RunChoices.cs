using System.CommandLine;

namespace StreamLearn.Simulated;

/// <summary>Options of a run that the Quickstart and <c>fit</c> share.</summary>
internal static class RunChoices
{
    internal static Option<double?> Goal() => Numbers.Optional(
        "--goal", "Accuracy whose time is measured, 0.01 to 1. Default 0.80.", 0.01, 1);

    internal static Option<bool> Contrast() => Of<bool>("--contrast",
        "Run both ways with the recordings at their own speed too: the case where not waiting pays little.");

    internal static Option<FileInfo?> Scenario() => Of<FileInfo?>("--scenario",
        "Speeds, links and faults of the devices, a JSON file. Default faults.json: 12.5 million multiply-adds a second, 2 Mbit/s, 30 ms, "
            + "one device about nine times slower and three with faults. straggler.json: the same without the faults.");

    internal static Option<string?> Graph() => Of<string?>("--graph", "Print the graph as mermaid or dot and end.");

    internal static Option<bool> Explain() => Of<bool>("--explain",
        "Print capacity, policy, worst-case bytes and delivery level of every block and edge and end.");

    private static Option<T> Of<T>(string name, string description) => new(name) { Description = description };
}
