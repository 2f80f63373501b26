using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace StreamLearn;

/// <summary>The meter <c>StreamLearn</c>, observed over live runs, and its activity source. Static: one meter per name.</summary>
internal static class Instruments
{
    private static readonly string? Version = typeof(Instruments).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
    private static readonly ActivitySource Activities = new("StreamLearn", Version);
    private static readonly Lock Gate = new();
    private static readonly HashSet<RunMetrics> Runs = [];
    private static readonly Meter Meter = Create();

    internal static void Add(RunMetrics run)
    {
        lock (Gate)
        {
            var taken = Runs.Where(r => r.Pipeline == run.Pipeline).Select(static r => r.Number).ToHashSet();
            run.Number = Enumerable.Range(1, taken.Count + 1).First(n => !taken.Contains(n));
            Runs.Add(run);
        }
    }

    internal static void Remove(RunMetrics run)
    {
        lock (Gate) { Runs.Remove(run); }
    }

    /// <summary>Starts a child of the starter's activity without making it current; null if there is no listener.</summary>
    internal static Activity? Begin(string pipeline, long epoch) =>
        Start($"run {pipeline}", ActivityKind.Internal, default)?.SetTag("pipeline", pipeline).SetTag("epoch", epoch);

    /// <summary>Starts a child of the run's activity; null if there is no listener.</summary>
    internal static Activity? Begin(Activity? run, string transport, Topic topic, MessageOrigin origin) =>
        run is null ? null : Start($"publish {topic}", ActivityKind.Producer, run.Context)
            ?.SetTag("messaging.system", transport).SetTag("messaging.destination.name", topic.ToString())
            .SetTag("messaging.message.id", $"{origin.Source} {origin.Epoch} {origin.Sequence}");

    internal static void End(this Activity activity, Exception? failure)
    {
        if (failure is not null) { activity.SetStatus(ActivityStatusCode.Error, failure.Message).AddException(failure); }
        activity.Dispose();
    }

    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        var current = Activity.Current;
        var activity = Activities.StartActivity(name, kind, parent);
        if (activity is not null) { Activity.Current = current; }
        return activity;
    }

    private static Meter Create()
    {
        var meter = new Meter("StreamLearn", Version);
        Count(meter, "streamlearn.block.items_in", "{message}", "Data messages taken.", b => b.ItemsIn);
        Count(meter, "streamlearn.block.items_out", "{message}", "Messages emitted.", b => b.ItemsOut);
        Count(meter, "streamlearn.block.rows_in", "{row}", "Sensor rows taken.", b => b.RowsIn);
        Count(meter, "streamlearn.block.errors", "{call}", "Calls that threw.", b => b.Errors);
        meter.CreateObservableCounter("streamlearn.block.busy",
            () => Blocks().Select(b => new Measurement<double>(b.Block.Busy.TotalSeconds, Tags(b))), "s", "Time in calls.");
        meter.CreateObservableCounter("streamlearn.block.blocked",
            () => Blocks().Select(b => new Measurement<double>(b.Block.Blocked.TotalSeconds, Tags(b))),
            "s", "Time in which outputs waited for a full edge.");
        meter.CreateObservableCounter("streamlearn.block.drops", Drops, "{message}", "Messages dropped, by reason.");
        meter.CreateObservableGauge("streamlearn.edge.depth", () => Edges(e => e.Queued), "{message}", "Messages queued.");
        meter.CreateObservableGauge("streamlearn.edge.bytes", () => Edges(e => e.QueuedBytes), "By", "Bytes queued.");
        return meter;
    }

    private static void Count(Meter meter, string name, string unit, string description, Func<BlockMetrics, long> read) =>
        meter.CreateObservableCounter(name, () => Blocks().Select(b => new Measurement<long>(read(b.Block), Tags(b))), unit, description);

    private static List<(RunMetrics Run, BlockMetrics Block)> Blocks() => [.. Alive().SelectMany(r => r.Blocks.Select(b => (r, b)))];

    private static IEnumerable<Measurement<long>> Drops() =>
        Blocks().SelectMany(b => b.Block.Drops.Select(d => new Measurement<long>(d.Value, [.. Tags(b), new("reason", d.Key)])));

    private static IEnumerable<Measurement<long>> Edges(Func<EdgeState, long> read) =>
        Alive().SelectMany(r => r.Edges.Select(e => new Measurement<long>(read(e), [.. Tags(r), new("edge", e.Name)])));

    private static KeyValuePair<string, object?>[] Tags((RunMetrics Run, BlockMetrics Block) of) =>
        [.. Tags(of.Run), new("block", of.Block.Block)];

    private static KeyValuePair<string, object?>[] Tags(RunMetrics run) => [new("pipeline", run.Pipeline), new("run", run.Number)];

    private static List<RunMetrics> Alive()
    {
        _ = Meter;
        lock (Gate) { return [.. Runs]; }
    }
}
