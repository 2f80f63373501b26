using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>Windows whose samples all have the same label, as rows of the network, made by the blocks that devices run.</summary>
/// <param name="Features">The windows, one after the other, channel after channel.</param>
/// <param name="Labels">A class for each.</param>
internal sealed record LabelledWindows(float[] Features, int[] Labels)
{
    /// <summary>The windows as the network takes them.</summary>
    internal Sample Sample => new(Features, Labels);

    internal static LabelledWindows Collect(FleetSource source, IEnumerable<string> names, long seed)
    {
        List<float> features = [];
        List<int> labels = [];
        using var world = new VirtualWorld(new() { Seed = seed });
        foreach (var name in names)
        {
            world.Add(Pipeline.Define(name, p => Pipelines.Windows(p, source, name).ForEach("collect", w => Add(w, features, labels))));
        }

        world.RunToEnd();
        return new([.. features], [.. labels]);
    }

    private static void Add(Batch window, List<float> features, List<int> labels)
    {
        var column = window[Schema.LabelColumn];
        var values = column.Values<int>();
        for (var row = 0; row < window.Rows; row++)
        {
            if (!column.IsValid(row) || values[row] != values[0]) { return; }
        }

        labels.Add(values[0]);
        for (var c = 0; c < window.Channels.Count; c++) { features.AddRange(window.Channels[c].Values<float>()); }
    }
}
