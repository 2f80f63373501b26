using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>The state of one edge in a run.</summary>
/// <param name="Name"><c>from→to</c>.</param>
/// <param name="Queued">Messages queued.</param>
/// <param name="QueuedBytes">Bytes queued.</param>
/// <param name="QueuedRows">Sensor rows queued.</param>
/// <param name="Peak">Most messages queued so far.</param>
/// <param name="PeakBytes">Most bytes queued so far.</param>
/// <param name="Options">Bounds and policy.</param>
public sealed record EdgeState(string Name, int Queued, long QueuedBytes, long QueuedRows, int Peak, long PeakBytes, EdgeOptions Options)
{
    /// <summary>How long the sender has waited for space in this run, in completed waits.</summary>
    public TimeSpan Waited { get; init; }
}

/// <summary>A block that delayed its senders: its queue was full although its own outputs found space.</summary>
/// <param name="Block">The name.</param>
/// <param name="Time">The delay that it caused.</param>
public readonly record struct HoldUp(string Block, TimeSpan Time);

/// <summary>The counters of a run's blocks and edges, printed one line per block. The meter <c>StreamLearn</c> publishes them; its tag
/// <c>run</c> distinguishes runs with the same name.</summary>
public sealed class RunMetrics
{
    private readonly List<EdgeQueue> _queues = [];

    internal RunMetrics(string pipeline) => Pipeline = pipeline;

    /// <summary>The pipeline's name.</summary>
    public string Pipeline { get; }

    /// <summary>A number, from 1, that distinguishes live runs with the same name in the meter; 0: the run is not live.</summary>
    internal int Number { get; set; }

    /// <summary>The blocks, in graph order.</summary>
    public ImmutableArray<BlockMetrics> Blocks { get; private set; } = [];

    /// <summary>The current edge states, in graph order.</summary>
    public ImmutableArray<EdgeState> Edges =>
        [.. _queues.Select(q => new EdgeState(q.Name, q.Count, q.Bytes, q.Rows, q.PeakCount, q.PeakBytes, q.Edge.Options)
        {
            Waited = q.Waited,
        })];

    /// <summary>The blocks that delayed their senders in this run, longest first: the senders' waits minus the block's own waits for space.
    /// Measured in the dataflow host, virtual in the simulation.</summary>
    public ImmutableArray<HoldUp> HoldUps =>
    [
        .. _queues.Where(static q => q.Waited > TimeSpan.Zero).GroupBy(static q => q.Edge.To)
            .Select(into => new HoldUp(into.First().Receiver, into.Max(static q => q.Waited)
                - new TimeSpan(_queues.Where(q => q.Edge.From == into.Key).Sum(static q => q.Waited.Ticks))))
            .Where(static h => h.Time > TimeSpan.Zero).OrderByDescending(static h => h.Time)
            .ThenBy(static h => h.Block, StringComparer.Ordinal),
    ];

    /// <summary>The counters of a block.</summary>
    /// <exception cref="KeyNotFoundException">There is no such block.</exception>
    public BlockMetrics this[string block] =>
        Blocks.FirstOrDefault(b => b.Block == block)
        ?? throw UnknownName.In(Pipeline, "block", block, Blocks.Select(b => b.Block));

    /// <summary>Sums a counter over all blocks.</summary>
    public long Total(string counter) => Blocks.Sum(b => b.Counter(counter));

    /// <summary>Prints each block's input, output and drops with reasons, one line per block in graph order.</summary>
    public override string ToString() => string.Join('\n', Blocks);

    internal BlockMetrics Add(string block)
    {
        // a foreign block has a stage at each end
        if (Blocks.FirstOrDefault(b => b.Block == block) is { } known) { return known; }
        var added = new BlockMetrics(block);
        Blocks = Blocks.Add(added);
        return added;
    }

    internal void Add(EdgeQueue queue) => _queues.Add(queue);

    /// <summary>Counts of unknown blocks are skipped. <paramref name="newNames"/>: maps saved block names on reading.
    /// <paramref name="adds"/>: adds unknown blocks.</summary>
    internal void State(ref StateStream s, IReadOnlyDictionary<string, string>? newNames = null, bool adds = false)
    {
        var count = s.Value(Blocks.Length, 0, int.MaxValue);
        for (var i = 0; i < count; i++)
        {
            var written = s.Value(s.IsReading ? "" : Blocks[i].Block);
            var block = s.IsWriting ? Blocks[i] : Named(newNames?.GetValueOrDefault(written) ?? written, adds);
            block.StateOfCounts(ref s);
        }
    }

    private BlockMetrics Named(string name, bool adds) => Blocks.FirstOrDefault(b => b.Block == name) ?? (adds ? Add(name) : new(name));
}
