using StreamLearn;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>Labelled feature rows of the unseen, made by the same blocks that the devices run.</summary>
internal sealed record TestRows(float[] Features, int[] Labels)
{
    internal static TestRows Collect(FleetSource source, long seed)
    {
        List<float> features = [];
        List<int> labels = [];
        using var world = new VirtualWorld(new() { Seed = seed });
        foreach (var name in source.Unseen)
        {
            world.Add(Pipeline.Define(
                name, p => Pipelines.Features(p, source, name).ForEach("collect", rows => Add(rows, features, labels))));
        }

        world.RunToEnd();
        return new([.. features], [.. labels]);
    }

    private static void Add(Batch rows, List<float> features, List<int> labels)
    {
        var label = rows[Schema.LabelColumn];
        for (var row = 0; row < rows.Rows; row++)
        {
            if (!label.IsValid(row)) { continue; }
            labels.Add(label.Values<int>()[row]);
            for (var c = 0; c < rows.Channels.Count; c++) { features.Add(rows.Channels[c].Values<float>()[row]); }
        }
    }
}
