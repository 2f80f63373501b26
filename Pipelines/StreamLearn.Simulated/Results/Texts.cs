using System.Text;
using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

internal static class Texts
{
    internal static string? Wanted(FleetOptions options, FleetRun run)
    {
        if (options.Graph is null && !options.Explain) { return null; }
        var (sensor, aggregator) = (Both(run)[0], Both(run)[1]);
        if (options.Explain) { return $"{sensor.Explain()}\n{aggregator.Explain()}"; }
        return $"{Graph(sensor, options.Graph!)}\n{Graph(aggregator, options.Graph!)}";
    }

    internal static string Graph(Pipeline pipeline, string format)
    {
        var text = Plain(format == "dot" ? pipeline.ToDot() : pipeline.ToMermaid());
        return format == "dot"
            ? text.Replace("rankdir=LR;", $"rankdir=LR;\n  label=\"{pipeline.Name}\";\n  labelloc=t;", StringComparison.Ordinal)
            : $"---\ntitle: {pipeline.Name}\n---\n{text}";
    }

    /// <summary>Removes the syntax of records but keeps the name: <c>Name { A = 1 }</c>.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            var (depth, from) = (0, plain.Length);
            if (line.StartsWith("digraph", StringComparison.Ordinal))
            {
                plain.Append(line).Append('\n');
                continue;
            }

            for (var i = 0; i < line.Length; i++)
            {
                if (line[i] == '{' && i > 0 && line[i - 1] == ' ')
                {
                    if (depth++ == 0) { plain.Length--; }
                }
                else if (line[i] == '}' && depth > 0) { depth--; }
                else if (depth == 0) { plain.Append(line[i]); }
            }

            plain.Replace("<br/>DiscardOptions", "", from, plain.Length - from).Append('\n');
            plain.Replace("\\nDiscardOptions", "", from, plain.Length - from);
        }

        return plain.ToString().TrimEnd('\n') + "\n";
    }

    internal static List<Pipeline> Both(FleetRun run)
    {
        using var world = new VirtualWorld();
        var edge = world.Transport("edge");
        var watch = new FleetWatch();
        return [run.Pipelines.Sensor(run, new(run.Source.Devices[0], 0, 0, TimeSpan.Zero), edge, watch),
            run.Pipelines.Aggregator(run, edge, watch)];
    }
}
