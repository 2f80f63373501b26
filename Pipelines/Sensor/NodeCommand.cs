using System.CommandLine;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>Computes parts of the layers for the devices of a fleet.</summary>
internal static class NodeCommand
{
    internal static Command Create(ConfigCommands<SensorConfig> commands)
    {
        var name = new Option<string>("--name") { Description = "The node, one of answer.nodes.", Required = true, HelpName = "node" };
        var time = TimeOption.Create("--for", "Stop cleanly after this time: 90s, 10m; default: never.");
        return commands.Reading("node", "Compute parts of the layers for devices with answer.where: parts, until SIGTERM or SIGINT.",
            (config, result) => RunAsync(config.Value, result.GetValue(name)!, result.GetValue(time)), name, time);
    }

    private static async Task<int> RunAsync(SensorConfig config, string name, TimeSpan? time)
    {
        if (config.Answers?.Parts is not { } parts || !parts.Nodes.Contains(name))
        {
            SensorCommands.Say($"expected a node of answer.nodes, got '{name}': "
                + (config.Answers?.Parts is { } others ? string.Join(", ", others.Nodes) : "the file has none"));
            return ProgramExit.BadConfiguration;
        }

        using var ending = new Ending();
        ending.EndAfter(time);
        var link = EdgeLink.Over(config.Link.Open($"sl-{config.Link.Fleet}-{name}"));
        await using var _ = link.ConfigureAwait(false);
        var run = SensorParts.Node(name, config.Link.Topics, (Network)config.Model.Create(), link).Start();
        await using var __ = run.ConfigureAwait(false);
        Console.Out.WriteLine($"node {name} of fleet '{config.Link.Fleet}', for {EdgeServer.NameOf(config.Link.Url)}");
        return await ending.WaitAsync([run], () => Line(run.Metrics["serve-parts"]), Ending.TimeToEnd).ConfigureAwait(false);
    }

    private static string Line(BlockMetrics parts) => FormattableString.Invariant(
        $"parts={parts.ItemsIn} refused={parts.Drops.Values.Sum()} multiply_adds={parts.MultiplyAdds}");
}
