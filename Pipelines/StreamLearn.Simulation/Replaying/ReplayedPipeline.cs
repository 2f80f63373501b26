using System.Buffers;

namespace StreamLearn.Simulation;

/// <summary>One pipeline of a replay: its cells, and the messages that wait on its edges by number until the recording takes them.</summary>
internal sealed class ReplayedPipeline : IDisposable
{
    private readonly RunReplay _replay;
    private readonly Pipeline _pipeline;
    private readonly OperatorContext[] _contexts;
    private readonly Cell?[] _cells;
    private readonly Source?[] _sources;
    private readonly SortedDictionary<long, object>[] _waiting;
    private readonly long[] _numbers;
    private readonly TokenPool _tokens = new();

    internal ReplayedPipeline(RunReplay replay, Pipeline pipeline, long seed, DateTimeOffset start, CancellationToken stopped)
    {
        (_replay, _pipeline) = (replay, pipeline);
        Metrics = new(pipeline.Name);
        var nodes = pipeline.Nodes;
        (_contexts, _cells, _sources, _numbers) = (new OperatorContext[nodes.Length], new Cell?[nodes.Length], new Source?[nodes.Length], new long[nodes.Length]);
        _waiting = [.. pipeline.Edges.Select(_ => new SortedDictionary<long, object>())];
        foreach (var node in nodes)
        {
            var metrics = Metrics.Add(node.Name);
            var context = _contexts[node.Index] = new(pipeline.Name, node.Name, seed, replay.Pool, metrics, stopped);
            context.Begin(start);
            if (node.Work is OperatorWork) { _cells[node.Index] = new(node, context, metrics, DataflowHost.MaxOutputBytes(pipeline, node), null); }
            else if (node.Work is SourceWork source) { _sources[node.Index] = source.Create(context); }
            else if (node.Work is not (PublishWork or SubscribeWork or OutputWork))
            {
                throw new ReplayException($"'{pipeline.Name}/{node.Name}' takes messages from outside, which are not in a recording");
            }
        }
    }

    internal RunMetrics Metrics { get; }

    public void Dispose()
    {
        foreach (var item in _waiting.SelectMany(w => w.Values)) { (item as IDisposable)?.Dispose(); }
        foreach (var cell in _cells) { cell?.Dispose(); }
        foreach (var source in _sources) { (source as IDisposable)?.Dispose(); }
    }

    internal void Make(int node, DateTimeOffset now)
    {
        if (_sources[node] is not { NextAt: not null } source) { throw new ReplayException($"'{_pipeline.Nodes[node].Name}' makes no further message: the recording is of another pipeline"); }
        _contexts[node].Begin(now);
        var value = source.NextItem();
        Metrics.Blocks[node].Gave((value as ISized)?.Rows ?? 0);
        Spread(node, 0, _numbers[node]++, value);
    }

    internal void Arrive(int node, byte[] payload, DateTimeOffset now)
    {
        _contexts[node].Begin(now);
        if (_pipeline.Nodes[node].Work is not SubscribeWork work || work.Decode(new ReadOnlySequence<byte>(payload), _replay.Pool) is not { } value)
        {
            throw new ReplayException($"'{_pipeline.Nodes[node].Name}' refuses a recorded message: the recording is of another pipeline");
        }

        Spread(node, 0, _numbers[node]++, value);
    }

    internal void Call(int index, CallKind kind, int edge, long first, long last, DateTimeOffset now)
    {
        var node = _pipeline.Nodes[index];
        var item = edge < 0 ? default : Item.Of(Take(edge, first, last), null, first, last);
        if (node.Work is PublishWork publish) { Publish(node, publish, item.Value); }
        else if (_cells[index] is not { } cell) { (item.Value as IDisposable)?.Dispose(); }
        else
        {
            var queue = edge < 0 ? null : new EdgeQueue(_pipeline.Edges[edge], "", Metrics.Blocks[index], _tokens);
            if (cell.Call(kind, queue, item, now) is { } failure) { throw failure; }
            foreach (var (port, output) in cell.Outputs) { Spread(index, port, output.First, output.Value); }
            cell.Outputs.Clear();
        }
    }

    private void Publish(Node node, PublishWork work, object value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        work.Encode(value, buffer);
        Metrics.Blocks[node.Index].Took((value as ISized)?.Rows ?? 0);
        Metrics.Blocks[node.Index].Add("bytes-published", buffer.WrittenCount);
        (value as IDisposable)?.Dispose();
        _replay.Publish($"{_pipeline.Name}/{node.Name}", _numbers[node.Index]++, work.Topic, buffer.WrittenSpan.ToArray());
    }

    private void Spread(int from, int port, long number, object value)
    {
        var given = false;
        for (var e = 0; e < _pipeline.Edges.Length; e++)
        {
            var edge = _pipeline.Edges[e];
            if (edge.From != from || edge.Port != port) { continue; }
            _waiting[e][number] = given && value is IOwned owned ? owned.Retain() : value;
            given = true;
        }

        if (!given) { (value as IDisposable)?.Dispose(); }
    }

    /// <summary>Takes a message, or several that were merged; what was emitted before them and never taken was dropped in the recorded run.</summary>
    private object Take(int edge, long first, long last)
    {
        var waiting = _waiting[edge];
        object? taken = null;
        for (var number = first; number <= last; number++)
        {
            if (!waiting.Remove(number, out var value)) { throw new ReplayException($"message {number} on edge {edge} of '{_pipeline.Name}' is not there: the recording is of another pipeline"); }
            taken = taken is null ? value : _pipeline.Edges[edge].Options.Merge!(taken, value);
        }

        if (_pipeline.Edges[edge].IsControl) { return taken!; }
        while (waiting.Count > 0 && waiting.Keys.First() < first)
        {
            waiting.Remove(waiting.Keys.First(), out var dropped);
            (dropped as IDisposable)?.Dispose();
        }

        return taken!;
    }
}
