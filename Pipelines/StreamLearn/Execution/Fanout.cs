using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>Sends a block's outputs in order to every target of their port. A target without space holds back the rest.
/// <paramref name="clock"/>: measures the waits.</summary>
internal sealed class Fanout(BlockMetrics metrics, Func<TimeSpan> clock)
{
    private readonly List<IEdgeEnd>?[] _targets = new List<IEdgeEnd>?[Ports.PortCount];
    private TimeSpan? _blockedSince;
    private IEdgeEnd? _full;     // the full target, and the time since which it is full
    private TimeSpan _fullSince;
    private int _next;           // index of the next pending output
    private int _nextTarget;     // index of its next target
    private bool _isMarked;      // true if the targets that have it are marked
    private int _receiversEnded;

    internal List<(int Port, Item Item)> Pending { get; } = [];

    internal BlockMetrics Metrics => metrics;

    internal bool IsEmpty => Pending.Count == 0;

    internal IEnumerable<IEdgeEnd> Targets => _targets.Where(static t => t is not null).SelectMany(static t => t!);

    internal void Add(int port, IEdgeEnd target) => (_targets[port] ??= []).Add(target);

    internal bool EndReceiver() => Interlocked.Increment(ref _receiversEnded) >= Targets.Count();

    internal bool TryFlush()
    {
        if (Pending.Count == 0) { return true; }
        while (_next < Pending.Count)
        {
            var outputs = CollectionsMarshal.AsSpan(Pending);
            var targets = _targets[outputs[_next].Port];
            if (targets is null) { outputs[_next++].Item.End(processed: true); }
            else if (!(targets is [var only] ? only.TryGive(outputs, ref _next) : TryBranch(targets, outputs[_next])))
            {
                WaitFor(targets is [var one] ? one : targets[_nextTarget]);
                return false;
            }
        }

        if (_blockedSince is { } since)
        {
            var now = clock();
            metrics.Waited((now - since).Ticks);
            _full?.Waited(now - _fullSince);
            (_blockedSince, _full) = (null, null);
        }

        Pending.Clear();
        _next = 0;
        return true;
    }

    internal void Close(Action<Action> guard)
    {
        while (_next < Pending.Count)
        {
            var (port, item) = Pending[_next++];
            guard(() => Lose(port, item));
            if (_isMarked) { Mark(_targets[port]!, 0); }
            _nextTarget = 0;
        }

        Pending.Clear();
        _next = 0;
    }

    /// <summary>Saves or restores the pending outputs, after the targets, whose edges store which already have the first output.</summary>
    internal void State(ref StateStream s, SavedMessages messages, Node node)
    {
        var (count, rows) = (0, 0L);
        for (var i = _next; i < Pending.Count; i++)
        {
            if (Pending[i].Item is { Token: null, Rows: var more }) { (count, rows) = (count + 1, rows + more); }
        }

        (count, _) = Head(ref s, count, rows);
        for (var i = _next; s.IsWriting && i < Pending.Count; i++)
        {
            if (Pending[i] is var (port, item) && item.Token is null) { Output(ref s, messages, node, port, item); }
        }

        for (; s.IsReading && count > 0; count--)
        {
            var (port, item) = Output(ref s, messages, node, 0, default);
            AddFromBefore(port, item);
        }
    }

    internal static (int Count, long Rows) Head(ref StateStream s, int count = 0, long rows = 0) =>
        (s.Value(count, 0, int.MaxValue), s.Value(rows));

    private static (int Port, Item Item) Output(ref StateStream s, SavedMessages messages, Node node, int port, in Item item)
    {
        port = s.Value(port, 0, Ports.PortCount - 1);
        return (port, messages.State(ref s, SavedMessages.TypeOf(node, port), item));
    }

    internal void AddFromBefore(int port, in Item item)
    {
        Pending.Add((port, item));
        foreach (var target in _targets[port] ?? []) { target.Await(CountOf(port), target.HasFirst); }
    }

    internal void Marks(ref StateStream s)
    {
        _blockedSince = s.Value(_blockedSince?.Ticks) is { } ticks ? new(ticks) : null;
        s.Value(ref _receiversEnded, 0, int.MaxValue);
    }

    internal void Lose(int port, in Item item)
    {
        var rows = item.Rows;
        for (var i = _nextTarget; i < _targets[port]?.Count; i++)
        {
            var target = _targets[port]![i];
            if (target.HasFirst) { target.PassFirst(); }
            else { target.Lost(rows); }
        }

        item.End(processed: false);
    }

    private void WaitFor(IEdgeEnd target)
    {
        if (ReferenceEquals(target, _full)) { return; }
        var now = clock();
        _blockedSince ??= now;
        _full?.Waited(now - _fullSince);
        (_full, _fullSince) = (target, now);
    }

    private int CountOf(int port) => Pending.Count(p => p.Port == port);

    /// <summary>Marks exactly the targets that already have the pending output.</summary>
    private void Mark(List<IEdgeEnd> targets, int count)
    {
        _isMarked = count > 0;
        for (var i = 0; i < targets.Count; i++) { targets[i].HasNext = i < count; }
    }

    /// <summary>The last target gets the message itself, others a retained handle.</summary>
    private bool TryBranch(List<IEdgeEnd> targets, (int Port, Item Item) output)
    {
        for (; _nextTarget < targets.Count; _nextTarget++)
        {
            if (TryGive(targets[_nextTarget], output, _nextTarget == targets.Count - 1)) { continue; }
            Mark(targets, output.Item.Token is null ? _nextTarget : 0);     // otherwise the source sends it again
            return false;
        }

        if (_isMarked) { Mark(targets, 0); }
        (_nextTarget, _next) = (0, _next + 1);
        return true;
    }

    private static bool TryGive(IEdgeEnd target, (int Port, Item Item) output, bool isLast)
    {
        var place = 0;
        if (isLast) { return target.TryGive(new(in output), ref place); }
        output.Item = output.Item.Retain();
        try { return target.TryGive(new(in output), ref place); }
        finally
        {
            if (place == 0) { output.Item.End(processed: true); }
        }
    }
}
