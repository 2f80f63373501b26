using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>The graphs and the explanation of the two pipelines.</summary>
internal static class Texts
{
    /// <summary>The text that <c>--graph</c> or <c>--explain</c> asks for; null if neither does.</summary>
    internal static string? Wanted(QuickstartOptions options, FleetSource source, IModel model)
    {
        if (options.Graph is null && !options.Explain) { return null; }
        Func<Pipeline, string> print = options.Explain ? p => p.Explain() : options.Graph == "dot" ? p => p.ToDot() : p => p.ToMermaid();
        return string.Join('\n', Both(options, source, model).Select(print));
    }

    /// <summary>A sensor's pipeline and the aggregator's.</summary>
    internal static List<Pipeline> Both(QuickstartOptions options, FleetSource source, IModel model)
    {
        using var world = new VirtualWorld();
        var edge = world.Transport("edge");
        var watch = new FleetWatch();
        return [Pipelines.Sensor(source.Devices[0], source, model, options, edge, watch),
            Pipelines.Aggregator(source, model, options, edge, new([], []), watch)];
    }
}
