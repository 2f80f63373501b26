using StreamLearn;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>The graphs and the explanation of the two pipelines.</summary>
internal static class Texts
{
    /// <summary>The text that <c>--graph</c> or <c>--explain</c> asks for; null if neither does.</summary>
    internal static string? Wanted(QuickstartOptions options, FleetRun run)
    {
        if (options.Graph is null && !options.Explain) { return null; }
        Func<Pipeline, string> print = options.Explain ? p => p.Explain() : options.Graph == "dot" ? p => p.ToDot() : p => p.ToMermaid();
        return string.Join('\n', Both(run).Select(print));
    }

    /// <summary>A sensor's pipeline and the aggregator's.</summary>
    internal static List<Pipeline> Both(FleetRun run)
    {
        using var world = new VirtualWorld();
        var edge = EdgeLink.Over(world.Transport("edge"));
        var watch = new FleetWatch();
        return [Pipelines.Sensor(run, new(run.Source.Devices[0], 0, 0, TimeSpan.Zero), edge, watch), Pipelines.Aggregator(run, edge, watch)];
    }
}
