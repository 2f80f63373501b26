using StreamLearn.Simulation;

namespace FleetProcess;

/// <summary>Settings of a process in split training, from its arguments.</summary>
internal sealed record SplitSettings(IReadOnlyDictionary<string, string> Given)
{
    internal int Rounds => Number("rounds", 3);

    internal int RoundBatches => Number("batches", 8);

    internal int Split => Number("split", 3);

    internal int Devices => Number("devices", 1);

    internal string Edge => Given.GetValueOrDefault("edge", "edge-a");

    /// <summary>Microseconds that a device takes for a row and layer, as it says; 0: it says nothing.</summary>
    internal int Slowness => Number("slowness", 0);

    /// <summary>What the edge plans with, <c>ares</c> or <c>fedadapt</c>; null: it does not plan.</summary>
    internal string? Planner => Given.GetValueOrDefault("plans");

    /// <summary>Time from one probe of a device's link to the next; zero: it is not probed.</summary>
    internal TimeSpan Freshness => TimeSpan.FromMilliseconds(Slowness == 0 ? 0 : Number("freshness", 1000));

    /// <summary>True: the end of a round goes out once the test says so.</summary>
    internal bool HasGate => Given.ContainsKey("gate");

    /// <summary>True: an answer goes out once a checkpoint holds what it tells.</summary>
    internal bool Holds => Given.ContainsKey("holds");

    internal TimeSpan Hold => TimeSpan.FromMilliseconds(Number("hold", 20));

    internal SplitTrainOptions Training => SplitTopics.Training(RoundBatches) with
    {
        GradientTimeout = TimeSpan.FromSeconds(Number("patience", (int)SplitTopics.Training(RoundBatches).GradientTimeout.TotalSeconds)),
        Resources = Slowness == 0 ? null : new() { Times = Times(Slowness), ComputingWatts = 3 },
    };

    internal ITransport Play(ITransport transport, TimeProvider time) => Given.GetValueOrDefault("trace") is { } trace
        ? new PlayedLink(transport, LinkProfile.ReadTrace(trace), time: time) : transport;

    internal static LayerTimes Times(int microseconds)
    {
        var sums = Enumerable.Range(1, SplitTopics.Layers).Select(i => 1e-6 * microseconds * i);
        return new([.. sums], [.. sums.Select(static s => 2 * s)]);
    }

    private int Number(string name, int otherwise) =>
        Given.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
