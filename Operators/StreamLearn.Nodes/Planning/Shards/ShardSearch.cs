using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

/// <summary>Finds the best shards for a device by dynamic programming over layers, used nodes and the last node.</summary>
internal sealed class ShardSearch(ShardCosts costs, int maxNodes, bool isSum, bool isMissing = false)
{
    private const int ExactNodes = 12;
    private const int Beam = 200;

    private readonly List<State>[] _kept = [.. Enumerable.Range(0, costs.Layers + 1).Select(static _ => new List<State>())];
    private readonly Dictionary<(ulong Set, int Last), int> _index = [];
    private readonly double[] _rest = new double[costs.Layers + 1];     // [boundary]: minimum seconds of the remaining layers
    private readonly double[] _room = new double[costs.Nodes];          // number of layers that fit on a node

    internal static ImmutableArray<LayerRange>? Latency(ShardCosts costs, int maxNodes)
    {
        var search = new ShardSearch(costs, maxNodes, isSum: true);
        for (var i = costs.Layers - 1; i >= 0; i--)
        {
            search._rest[i] = search._rest[i + 1] + Enumerable.Range(0, costs.Nodes).Min(node => costs.Seconds(i, i + 1, node));
        }

        return search.Improved(search.Best(double.PositiveInfinity, Beam)).Ranges;
    }

    /// <summary>Uses the beam and bisects the time of the slowest stage; prefers states that leave space on other nodes.</summary>
    internal static ImmutableArray<LayerRange>? Throughput(ShardCosts costs, int maxNodes)
    {
        var search = new ShardSearch(costs, maxNodes, isSum: false);
        var (stages, best) = (search.Stages(), (Value: double.PositiveInfinity, Ranges: (ImmutableArray<LayerRange>?)null));
        for (var (low, high) = (0, stages.Length - 1); low <= high;)
        {
            var middle = (low + high) / 2;
            search.Measure(stages[middle]);
            var found = search.Best(double.BitIncrement(stages[middle]), Beam);
            if (found.Ranges is null) { low = middle + 1; }
            else { (best, high) = (found, middle - 1); }
        }

        return search.Improved(best).Ranges;
    }

    internal static long Missing(ShardCosts costs, int maxNodes)
    {
        var search = new ShardSearch(costs, maxNodes, isSum: true, isMissing: true);
        return (long)search.Improved(search.Best(double.PositiveInfinity, Beam)).Value;
    }

    /// <summary>Searches exhaustively, if feasible, to improve the result of the beam.</summary>
    private (double Value, ImmutableArray<LayerRange>? Ranges) Improved((double Value, ImmutableArray<LayerRange>? Ranges) found)
    {
        if (costs.Nodes > ExactNodes) { return found; }
        var exact = Best(found.Value, int.MaxValue);
        return exact.Ranges is null ? found : exact;
    }

    private (double Value, ImmutableArray<LayerRange>? Ranges) Best(double bound, int width)
    {
        foreach (var states in _kept) { states.Clear(); }
        _kept[0].Add(new(0, costs.Source, 0, 0, 0));
        for (var end = 1; end <= costs.Layers; end++)
        {
            _index.Clear();
            for (var first = 0; first < end; first++)
            {
                for (var i = 0; i < _kept[first].Count; i++) { Extend(i, first, end, bound); }
            }

            if (_kept[end].Count > width && end < costs.Layers) { Trim(end, width); }
        }

        var last = _kept[costs.Layers];
        if (last.Count == 0) { return (double.PositiveInfinity, null); }
        var best = last.MinBy(static state => state.Value);
        return (best.Value, RangesOf(best));
    }

    private void Extend(int at, int first, int end, double bound)
    {
        var state = _kept[first][at];
        if (BitOperations.PopCount(state.Set) >= maxNodes) { return; }
        for (var node = 0; node < costs.Nodes; node++)
        {
            if ((state.Set & (1UL << node)) != 0) { continue; }
            if (first == 0 && costs.MinLayers > 0 && (node != costs.Source || end < costs.MinLayers)) { continue; }
            var value = ValueOf(state, first, end, node);
            if (!(value + _rest[end] < bound)) { continue; }
            var next = new State(state.Set | (1UL << node), node, value, first, at);
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, (next.Set, node), out var isKnown);
            if (!isKnown)
            {
                place = _kept[end].Count;
                _kept[end].Add(next);
            }
            else if (value < _kept[end][place].Value) { _kept[end][place] = next; }
        }
    }

    private double ValueOf(in State state, int first, int end, int node)
    {
        var missing = costs.Missing(first, end, node);
        var crossing = costs.Crossing(first, state.Last, node);
        var back = end == costs.Layers ? costs.Crossing(end, node, costs.Source) : 0;
        if (isMissing) { return double.IsInfinity(crossing) || double.IsInfinity(back) ? double.PositiveInfinity : state.Value + missing; }
        if (missing > 0) { return double.PositiveInfinity; }
        var seconds = costs.Seconds(first, end, node);
        return isSum ? state.Value + crossing + seconds + back : Math.Max(Math.Max(state.Value, crossing), Math.Max(seconds, back));
    }

    /// <summary>Keeps the best states per last node, so that no node displaces the others.</summary>
    private void Trim(int boundary, int width)
    {
        var each = Math.Max(1, width / costs.Nodes);
        var kept = _kept[boundary].GroupBy(static state => state.Last)
            .SelectMany(group => group.OrderByDescending(RoomAfter).ThenBy(static state => state.Value).Take(each)).ToList();
        _kept[boundary].Clear();
        _kept[boundary].AddRange(kept);
    }

    private double RoomAfter(State state)
    {
        var room = 0.0;
        for (var node = 0; node < _room.Length; node++) { room += (state.Set & (1UL << node)) == 0 ? _room[node] : 0; }
        return room;
    }

    private void Measure(double seconds)
    {
        for (var node = 0; node < costs.Nodes; node++)
        {
            _room[node] = 0;
            for (var (first, end) = (0, 1); end <= costs.Layers; end++)
            {
                while (first < end && (costs.Seconds(first, end, node) > seconds || costs.Missing(first, end, node) > 0)) { first++; }
                _room[node] = Math.Max(_room[node], end - first);
            }
        }
    }

    private double[] Stages()
    {
        var (nodes, layers) = (Enumerable.Range(0, costs.Nodes).ToArray(), Enumerable.Range(0, costs.Layers).ToArray());
        var computing = nodes.SelectMany(node => layers.SelectMany(first => layers.Skip(first)
            .Where(last => costs.Missing(first, last + 1, node) == 0).Select(last => costs.Seconds(first, last + 1, node))));
        var links = nodes.SelectMany(from => nodes.SelectMany(to =>
            layers.Append(costs.Layers).Select(at => costs.Crossing(at, from, to))));
        return [.. computing.Concat(links).Where(double.IsFinite).Distinct().Order()];
    }

    private ImmutableArray<LayerRange> RangesOf(State state)
    {
        var (ranges, end) = (new List<LayerRange>(), costs.Layers);
        while (end > 0)
        {
            ranges.Add(new(state.First, end, costs.NameOf(state.Last)));
            (end, state) = (state.First, _kept[state.First][state.Before]);
        }

        ranges.Reverse();
        return [.. ranges];
    }

    /// <summary><paramref name="First"/>: the layer at which the last run began.</summary>
    private readonly record struct State(ulong Set, int Last, double Value, int First, int Before);
}
