using System.Diagnostics.Metrics;

namespace StreamLearn;

/// <summary>The instruments of meter <c>StreamLearn</c>, observed over the runs that are alive. The one static state of the library: a
/// process has one meter of a name.</summary>
internal static class Instruments
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<RunMetrics> Runs = [];
    private static readonly Meter Meter = Create();

    internal static void Add(RunMetrics run)
    {
        lock (Gate) { Runs.Add(run); }
    }

    internal static void Remove(RunMetrics run)
    {
        lock (Gate) { Runs.Remove(run); }
    }

    private static Meter Create()
    {
        var meter = new Meter("StreamLearn", typeof(Instruments).Assembly.GetName().Version?.ToString(3));
        Count(meter, "streamlearn.block.items_in", "{message}", "Data messages taken.", b => b.ItemsIn);
        Count(meter, "streamlearn.block.items_out", "{message}", "Messages emitted.", b => b.ItemsOut);
        Count(meter, "streamlearn.block.rows_in", "{row}", "Sensor rows taken.", b => b.RowsIn);
        Count(meter, "streamlearn.block.errors", "{call}", "Calls that threw.", b => b.Errors);
        meter.CreateObservableCounter("streamlearn.block.busy",
            () => Blocks().Select(b => new Measurement<double>(b.Block.Busy.TotalSeconds, Tags(b))), "s", "Time in calls.");
        meter.CreateObservableCounter("streamlearn.block.blocked",
            () => Blocks().Select(b => new Measurement<double>(b.Block.Blocked.TotalSeconds, Tags(b))),
            "s", "Time with outputs that found the next edge full.");
        meter.CreateObservableCounter("streamlearn.block.drops", Drops, "{message}", "Messages dropped, by reason.");
        meter.CreateObservableGauge("streamlearn.edge.depth", () => Edges(e => e.Queued), "{message}", "Messages queued.");
        meter.CreateObservableGauge("streamlearn.edge.bytes", () => Edges(e => e.QueuedBytes), "By", "Bytes queued.");
        return meter;
    }

    private static void Count(Meter meter, string name, string unit, string description, Func<BlockMetrics, long> read) =>
        meter.CreateObservableCounter(name, () => Blocks().Select(b => new Measurement<long>(read(b.Block), Tags(b))), unit, description);

    private static List<(string Pipeline, BlockMetrics Block)> Blocks() =>
        [.. Alive().SelectMany(r => r.Blocks.Select(b => (r.Pipeline, b)))];

    private static IEnumerable<Measurement<long>> Drops() =>
        Blocks().SelectMany(b => b.Block.Drops.Select(d => new Measurement<long>(d.Value, [.. Tags(b), new("reason", d.Key)])));

    private static IEnumerable<Measurement<long>> Edges(Func<EdgeState, long> read) =>
        Alive().SelectMany(r => r.Edges.Select(e => new Measurement<long>(read(e), new("pipeline", r.Pipeline), new("edge", e.Name))));

    private static KeyValuePair<string, object?>[] Tags((string Pipeline, BlockMetrics Block) of) =>
        [new("pipeline", of.Pipeline), new("block", of.Block.Block)];

    private static List<RunMetrics> Alive()
    {
        _ = Meter;
        lock (Gate) { return [.. Runs]; }
    }
}
