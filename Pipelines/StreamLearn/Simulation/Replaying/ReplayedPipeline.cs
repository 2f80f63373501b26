using System.Buffers;

namespace StreamLearn.Simulation;

internal sealed class ReplayedPipeline : IDisposable
{
    private readonly RunReplay _replay;
    private readonly Pipeline _pipeline;
    private readonly OperatorContext[] _contexts;
    private readonly Cell?[] _cells;
    private readonly Source?[] _sources;
    private readonly Decode?[] _decoders;
    private readonly Func<object, Topic>?[] _topics;
    private readonly ReplayedEdge[] _edges;
    private readonly Fanout[] _outs;
    private readonly long[] _numbers;

    internal ReplayedPipeline(RunReplay replay, Pipeline pipeline, long seed, DateTimeOffset start, CancellationToken stopped)
    {
        (_replay, _pipeline) = (replay, pipeline);
        Metrics = new(pipeline.Name);
        var nodes = pipeline.Nodes;
        if (nodes.FirstOrDefault(
            n => n.Work is not (OperatorWork or SourceWork or PublishWork or SubscribeWork or OutputWork or ConnectionsWork)
                || n.Options is IBlockOptions { IsLive: true })
            is { } outside)
        {
            throw new ReplayException($"'{pipeline.Name}/{outside.Name}' takes messages from outside, which a recording does not contain");
        }

        (_contexts, _cells) = (new OperatorContext[nodes.Length], new Cell?[nodes.Length]);
        (_sources, _outs, _numbers) = (new Source?[nodes.Length], new Fanout[nodes.Length], new long[nodes.Length]);
        var levels = new TopicLevels(pipeline.Levels);
        _decoders = [.. nodes.Select(n => (n.Work as SubscribeWork)?.Open(levels))];
        _topics = [.. nodes.Select(n => (n.Work as PublishWork)?.Topic.Open())];
        _edges = [.. pipeline.Edges.Select(e => new ReplayedEdge(e))];
        foreach (var node in nodes)
        {
            var metrics = Metrics.Add(node.Name);
            var outs = _outs[node.Index] = new(metrics, static () => TimeSpan.Zero);
            var context = _contexts[node.Index] = new(pipeline.Name, node.Name, seed, replay.Pool, metrics, stopped)
            {
                Levels = levels,
                Columns = node.Schema,
            };
            context.Begin(start);
            if (node.Work is OperatorWork)
            {
                _cells[node.Index] = new(node, context, metrics, outs.Pending, pipeline.MaxOutputBytes(node)) { RepeatsAtOnce = true };
            }
            else if (node.Work is SourceWork source) { _sources[node.Index] = source.Create(context); }
        }

        foreach (var edge in _edges) { _outs[edge.Edge.From].Add(edge.Edge.Port, edge); }
    }

    internal RunMetrics Metrics { get; }

    internal string Name => _pipeline.Name;

    public void Dispose()
    {
        foreach (var edge in _edges) { edge.Dispose(); }
        foreach (var cell in _cells) { cell?.Dispose(); }
        foreach (var source in _sources) { (source as IDisposable)?.Dispose(); }
    }

    internal Node? NodeAt(int index) => index < _pipeline.Nodes.Length ? _pipeline.Nodes[index] : null;

    internal void Make(Node node, DateTimeOffset now)
    {
        if (_sources[node.Index] is not { NextAt: not null } source) { throw Other($"block '{node.Name}' makes no further message"); }
        _contexts[node.Index].Begin(now);
        HandIn(node, source.NextItem());
    }

    internal void Arrive(Node node, RecordedMessage message)
    {
        object? value = null;
        if (_decoders[node.Index] is not { } decode
            || ((SubscribeWork)node.Work).TryRead(node.Declared, decode,
                new(message.Topic, new(message.Payload), message.IsRetained, message.Properties), _replay.Pool, out value) is not null)
        {
            throw Other($"block '{node.Name}' cannot read the message that arrived there");
        }

        HandIn(node, value!);
    }

    internal void Change(Node node, ConnectionChange change)
    {
        if (node.Work is not ConnectionsWork) { throw Other($"block '{node.Name}' reports no connections"); }
        HandIn(node, change);
    }

    internal void Call(Node node, CallKind kind, int edge, long first, long last, DateTimeOffset now)
    {
        var takes = kind is CallKind.Process or CallKind.Control;
        var from = edge >= 0 && edge < _edges.Length ? _edges[edge] : null;
        var fits = takes ? from is not null && from.Edge.To == node.Index && from.Edge.IsControl == (kind == CallKind.Control)
            : _cells[node.Index] is { } called && (edge == -1 || (kind == CallKind.Complete && called.Joining is not null
                && from?.Edge.To == node.Index && !from.Edge.IsControl));
        if (!fits) { throw Other($"block '{node.Name}' has no such call"); }
        if (takes && first != last && from!.Edge.Options.Merge is null) { throw Other($"edge {edge} merges no messages"); }
        var value = takes ? from!.Take(first, last) ?? throw Other($"message {first} to {last} on edge {edge} is not there") : null;
        var item = value is null ? default : Item.Of(value, null, first, last);
        if (_cells[node.Index] is { } cell) { Call(node, cell, kind, from?.Edge, item, now); }
        else if (node.Work is PublishWork publish) { Publish(node, publish, item); }
        else { End(node, item); }
    }

    private void Call(Node node, Cell cell, CallKind kind, Edge? from, in Item item, DateTimeOffset now)
    {
        if (cell.Call(kind, from, item, now) is { } failure) { throw failure; }
        Metrics.Blocks[node.Index].Worked(0, cell.Context.ChargedMultiplyAdds);
        _outs[node.Index].TryFlush();
        if (kind != CallKind.Complete || from is not null) { return; }
        foreach (var edge in _edges)        // control messages continue, because an ended block may wait for answers
        {
            if (edge.Edge.To == node.Index && !edge.Edge.IsControl) { edge.Dispose(); }
        }
    }

    private void Publish(Node node, PublishWork work, in Item item)
    {
        try
        {
            var buffer = new ArrayBufferWriter<byte>();
            work.Encode(item.Value, buffer);
            Metrics.Blocks[node.Index].Add("bytes-published", buffer.WrittenCount);
            var (source, topic) = ($"{_pipeline.Name}/{node.Name}", _topics[node.Index]!(item.Value));
            _replay.Publish(source, _numbers[node.Index]++, topic, buffer.WrittenSpan.ToArray(), work.Properties?.Invoke(item.Value));
        }
        catch (Exception) when (node.Errors.Action == ErrorAction.Skip) { Metrics.Blocks[node.Index].Dropped("error", 1, item.Rows); }
        finally { End(node, item); }
    }

    private void End(Node node, in Item item)
    {
        Metrics.Blocks[node.Index].Took(item.Rows);
        item.End(processed: true);
    }

    private void HandIn(Node node, object value)
    {
        Ownership.PassOn(value);
        var number = _numbers[node.Index]++;
        var item = Item.Of(value, null, number, number);
        Metrics.Blocks[node.Index].Gave(item.Rows);
        _outs[node.Index].Pending.Add((0, item));
        _outs[node.Index].TryFlush();
    }

    private ReplayException Other(string what) =>
        new($"pipeline '{_pipeline.Name}': {what}: the recording is damaged, or the pipeline or its rows have changed");
}
