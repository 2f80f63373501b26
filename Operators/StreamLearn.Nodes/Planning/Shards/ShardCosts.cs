namespace StreamLearn.Nodes;

internal sealed class ShardCosts
{
    private readonly LayerCosts _model;
    private readonly ResourceView _view;
    private readonly Objective _objective;
    private readonly double[][] _seconds;       // [node][layer]: seconds per batch up to the layer
    private readonly long[,] _memory;           // [first, end]
    private readonly LinkView?[,] _links;

    internal ShardCosts(LayerCosts model, ResourceView view, Objective objective, NodeView device)
    {
        if (objective.Work != PlannedWork.Inference)
        {
            throw new ArgumentException("expected inference, got training: shards only answer", nameof(objective));
        }

        if (view.Nodes.Length > 64) { throw new ArgumentException($"expected at most 64 nodes, got {view.Nodes.Length}", nameof(view)); }
        (_model, _view, _objective, Device) = (model, view, objective, device);
        Source = view.Nodes.IndexOf(device);
        MinLayers = Math.Min(objective.MinLayers, model.Count);
        _seconds = [.. view.Nodes.Select(node => Enumerable.Range(0, model.Count + 1).Select(end => end == 0 ? 0
            : RouteCost.SecondsOf(node, model, new(0, end, node.Name), isTraining: false) * objective.BatchRows * node.Load).ToArray())];
        _memory = new long[model.Count + 1, model.Count + 1];
        for (var first = 0; first < model.Count; first++)
        {
            for (var end = first + 1; end <= model.Count; end++)
            {
                _memory[first, end] = RouteCost.MemoryOf(model, objective, new(first, end, ""));
            }
        }

        _links = new LinkView?[Nodes, Nodes];
        for (var from = 0; from < Nodes; from++)
        {
            for (var to = 0; to < Nodes; to++) { _links[from, to] = view.Link(view.Nodes[from].Name, view.Nodes[to].Name); }
        }
    }

    internal NodeView Device { get; }

    internal int Source { get; }

    internal int MinLayers { get; }

    internal int Nodes => _view.Nodes.Length;

    internal int Layers => _model.Count;

    internal string NameOf(int node) => _view.Nodes[node].Name;

    internal double Seconds(int first, int end, int node) => _seconds[node][end] - _seconds[node][first];

    /// <summary>In bytes; 0 if the layers fit.</summary>
    internal long Missing(int first, int end, int node) => Math.Max(0, _memory[first, end] - _view.Nodes[node].MemoryBytes);

    internal double Crossing(int boundary, int from, int to) => from == to ? 0
        : _links[from, to] is { } link
            ? link.SecondsOf((double)_model.ValuesAt(boundary) * _objective.BatchRows
                * (boundary == Layers ? _objective.BytesPerGradient : _objective.BytesPerValue))
            : double.PositiveInfinity;

    internal long MissingOf(ImmutableArray<LayerRange> ranges)
    {
        var missing = 0L;
        foreach (var range in ranges) { missing += Missing(range.First, range.End, _view.Nodes.IndexOf(_view.Node(range.Node))); }
        return missing;
    }

    internal Route RouteOf(ImmutableArray<LayerRange> ranges, Func<long> missing) => ranges.IsEmpty
        ? new(Device.Name, [], new()) { MissingBytes = missing() }
        : new(Device.Name, ranges, RouteCost.Of(_model, _view, _objective, Device, ranges));
}
