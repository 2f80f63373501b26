using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>The state of one edge in a run.</summary>
/// <param name="Name"><c>from→to</c>.</param>
/// <param name="Queued">Messages queued now.</param>
/// <param name="QueuedBytes">Bytes queued now.</param>
/// <param name="QueuedRows">Sensor rows queued now.</param>
/// <param name="Peak">Most messages queued so far.</param>
/// <param name="PeakBytes">Most bytes queued so far.</param>
/// <param name="Options">Bounds and policy.</param>
public sealed record EdgeState(string Name, int Queued, long QueuedBytes, long QueuedRows, int Peak, long PeakBytes, EdgeOptions Options)
{
    /// <summary>Time for which its sender had to wait for space, in this run: ended waits alone.</summary>
    public TimeSpan Waited { get; init; }
}

/// <summary>A block that held up those before it: its queue was full while what it sends found space.</summary>
/// <param name="Block">Its name.</param>
/// <param name="Time">For how long.</param>
public readonly record struct HoldUp(string Block, TimeSpan Time);

/// <summary>The counters of a run, of every block and edge. Also published by the meter <c>StreamLearn</c>, whose tag <c>run</c> tells
/// runs of one name apart. They print as a line for each block.</summary>
public sealed class RunMetrics
{
    private readonly List<EdgeQueue> _queues = [];

    internal RunMetrics(string pipeline) => Pipeline = pipeline;

    /// <summary>The pipeline's name.</summary>
    public string Pipeline { get; }

    /// <summary>Tells it from others of the same name in the meter, from 1; 0: it is not alive.</summary>
    internal int Number { get; set; }

    /// <summary>The blocks, in graph order.</summary>
    public ImmutableArray<BlockMetrics> Blocks { get; private set; } = [];

    /// <summary>The edges now, in graph order.</summary>
    public ImmutableArray<EdgeState> Edges =>
        [.. _queues.Select(q => new EdgeState(q.Name, q.Count, q.Bytes, q.Rows, q.PeakCount, q.PeakBytes, q.Edge.Options)
        {
            Waited = q.Waited,
        })];

    /// <summary>The blocks that held up those before them in this run, the longest first: the time for which a sender waited for space in
    /// front of a block, without the time for which that block itself waited for space. Measured in the dataflow host, virtual in the
    /// simulation.</summary>
    public ImmutableArray<HoldUp> HoldUps =>
    [
        .. _queues.Where(static q => q.Waited > TimeSpan.Zero).GroupBy(static q => q.Edge.To)
            .Select(into => new HoldUp(into.First().Receiver, into.Max(static q => q.Waited)
                - new TimeSpan(_queues.Where(q => q.Edge.From == into.Key).Sum(static q => q.Waited.Ticks))))
            .Where(static h => h.Time > TimeSpan.Zero).OrderByDescending(static h => h.Time)
            .ThenBy(static h => h.Block, StringComparer.Ordinal),
    ];

    /// <summary>The counters of a block.</summary>
    /// <param name="block">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such block.</exception>
    public BlockMetrics this[string block] =>
        Blocks.FirstOrDefault(b => b.Block == block)
        ?? throw UnknownName.In(Pipeline, "block", block, Blocks.Select(b => b.Block));

    /// <summary>Adds a counter up over all blocks.</summary>
    /// <param name="counter">Its name.</param>
    public long Total(string counter) => Blocks.Sum(b => b.Counter(counter));

    /// <summary>A line for each block, in graph order: what came in and went out, and what was dropped, with the reason.</summary>
    public override string ToString() => string.Join('\n', Blocks);

    internal BlockMetrics Add(string block)
    {
        // a foreign block has a stage for each of its ends
        if (Blocks.FirstOrDefault(b => b.Block == block) is { } known) { return known; }
        var added = new BlockMetrics(block);
        Blocks = Blocks.Add(added);
        return added;
    }

    internal void Add(EdgeQueue queue) => _queues.Add(queue);

    /// <summary>What all blocks have counted. What a block has counted that is not there any more is passed over.
    /// <paramref name="newNames"/>: when reading, of blocks, by those under which they were written. <paramref name="adds"/> true: the
    /// blocks that are not there are added.</summary>
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

    private BlockMetrics Named(string name, bool adds) =>
        Blocks.FirstOrDefault(b => b.Block == name) ?? (adds ? Add(name) : new(name));
}
