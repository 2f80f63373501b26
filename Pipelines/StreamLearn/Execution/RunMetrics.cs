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
public sealed record EdgeState(string Name, int Queued, long QueuedBytes, long QueuedRows, int Peak, long PeakBytes, EdgeOptions Options);

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
        [.. _queues.Select(q => new EdgeState(q.Name, q.Count, q.Bytes, q.Rows, q.PeakCount, q.PeakBytes, q.Edge.Options))];

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

    /// <summary>Writes what all blocks have counted.</summary>
    internal void Save(StateWriter writer)
    {
        writer.Write(Blocks.Length);
        foreach (var block in Blocks)
        {
            writer.Write(block.Block);
            block.SaveCounts(writer);
        }
    }

    /// <summary>Takes it up. What a block has counted that is not there any more is passed over.</summary>
    /// <param name="reader">What was written.</param>
    /// <param name="newNames">Of blocks, by those under which they were written.</param>
    /// <param name="adds">True: the blocks that are not there are added.</param>
    internal void Load(ref StateReader reader, IReadOnlyDictionary<string, string> newNames, bool adds)
    {
        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
        {
            var written = reader.ReadText();
            var name = newNames.GetValueOrDefault(written, written);
            var block = Blocks.FirstOrDefault(b => b.Block == name) ?? (adds ? Add(name) : new(name));
            block.LoadCounts(ref reader);
        }
    }
}
