using System.Globalization;
using StreamLearn;
using StreamLearn.Learning;

namespace FleetProcess;

/// <summary>Settings of a process in split training, from its arguments.</summary>
internal sealed record SplitSettings(IReadOnlyDictionary<string, string> Given)
{
    internal int Rounds => Number("rounds", 3);

    internal int RoundBatches => Number("batches", 8);

    internal int Split => Number("split", 3);

    internal int Devices => Number("devices", 1);

    /// <summary>The edge that a device begins with.</summary>
    internal string Edge => Given.GetValueOrDefault("edge", "edge-a");

    /// <summary>Microseconds that a device takes for a row and layer, as it says; 0: it says nothing.</summary>
    internal int Slowness => Number("slowness", 0);

    /// <summary>True: the edge plans.</summary>
    internal bool Plans => Given.ContainsKey("plans");

    /// <summary>True: an answer goes out once a checkpoint holds what it tells.</summary>
    internal bool Holds => Given.ContainsKey("holds");

    /// <summary>Time from one checkpoint to the next.</summary>
    internal TimeSpan Hold => TimeSpan.FromMilliseconds(Number("hold", 20));

    internal SplitTrainOptions Training => SplitTopics.Training(RoundBatches) with
    {
        GradientTimeout = TimeSpan.FromSeconds(Number("patience", (int)SplitTopics.Training(RoundBatches).GradientTimeout.TotalSeconds)),
        Resources = Slowness == 0 ? null : new() { Times = Times(Slowness), ComputingWatts = 3 },
    };

    internal static LayerTimes Times(int microseconds)
    {
        var sums = Enumerable.Range(1, SplitTopics.Layers).Select(i => 1e-6 * microseconds * i);
        return new([.. sums], [.. sums.Select(static s => 2 * s)]);
    }

    private int Number(string name, int otherwise) =>
        Given.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
