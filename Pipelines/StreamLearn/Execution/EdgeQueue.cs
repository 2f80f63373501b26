using System.Runtime.ExceptionServices;

namespace StreamLearn;

/// <summary>Not thread-safe: the host guards it. <paramref name="metrics"/>: the receiver's counters.</summary>
/// <remarks>Program code runs only in <see cref="Merge"/> and <see cref="EndDropped"/>, which hosts call outside their lock. Only the
/// sender admits messages, so the dropped ones need no lock.</remarks>
internal sealed partial class EdgeQueue(Edge edge, string name, BlockMetrics metrics, TokenPool tokens)
{
    private const int RunShare = 8;      // maximum length of a run, as a fraction of the capacity
    private const int MaxRun = 16;
    private const string OtherColumns = "schema";

    private readonly bool _waits = edge is { IsControl: false, Options.OnFull: OnFull.Wait };
    private readonly int _capacityMessages = edge.Options.CapacityMessages;
    private readonly long _capacityBytes = edge.Options.CapacityBytes;
    private readonly int _maxRun = Math.Min(MaxRun, edge.Options.CapacityMessages / RunShare);
    private bool _takesAtOnce = edge is { IsControl: false, Options.OnFull: OnFull.Wait };      // nothing is expected from the previous run
    private Item[] _ring = new Item[Math.Min(4, edge.Options.CapacityMessages)];
    private int _head;
    private Item[] _run = [];
    private readonly List<Item> _dropped = [];      // owned by the sender until it ends them
    private Schema? _schema;
    private bool _isFromBefore;      // true if the columns come from the previous run and this run has sent no batch yet
    private int _fromBefore;         // number of expected messages that the sender created in the previous run
    private bool _dropsAwaited;      // true if they are for a block that was removed or restarts
    private string? _leave;          // the block to remove if the columns changed; null: the receiver
    private int _runNext;
    private int _runEnd;
    private (int Count, long Bytes, long Rows) _held;      // messages of the run; they count as queued until the last one is received

    private long _waitedTicks;

    internal Edge Edge { get; } = edge;

    internal string Receiver => metrics.Block;

    internal TimeSpan Waited => new(Volatile.Read(ref _waitedTicks));

    internal string Name { get; } = name;

    internal int Count { get; private set; }

    internal long Bytes { get; private set; }

    internal long Rows { get; private set; }

    internal long NextBytes => _runNext < _runEnd ? _run[_runNext].Bytes : Count > 0 ? _ring[_head].Bytes : 0;

    internal int PeakCount { get; private set; }

    internal long PeakBytes { get; private set; }

    internal bool Ended { get; set; }

    internal bool SenderWaits { get; set; }

    /// <summary>Called only by the sender.</summary>
    internal void AddWait(TimeSpan time) => Volatile.Write(ref _waitedTicks, _waitedTicks + time.Ticks);

    /// <summary>For hosts without a lock. False: the sender must wait. An accepted message may have been dropped and counted.</summary>
    /// <exception cref="InvalidOperationException">The edge waits when full, and can never hold the message.</exception>
    internal bool TryAdd(in Item item)
    {
        Item queued = default;
        var admission = Admit(item, ref queued);
        if (admission == Admission.Merge) { AddMerged(Merge(queued, item)); }
        EndDropped();
        return admission != Admission.Full;
    }

    /// <summary><see cref="EndDropped"/> ends dropped ones. <paramref name="queued"/>: written only for a merge, as it is costly.</summary>
    /// <exception cref="InvalidOperationException">The edge waits when full, and can never hold the message.</exception>
    /// <exception cref="SchemaException">The first batch after a restart has another schema.</exception>
    internal Admission Admit(in Item item, ref Item queued)
    {
        if (FitsAsItIs(item))
        {
            Add(item);
            return Admission.Taken;
        }

        if (_fromBefore == 0) { return AdmitOther(item, ref queued); }
        var admission = Admission.Taken;
        if (HasFirst) { _dropped.Add(item); }
        else if (_dropsAwaited) { Drop(item, Restarted); }
        else { admission = AdmitOther(item, ref queued); }
        if (admission != Admission.Full) { Await(_fromBefore - 1); }
        return admission;
    }

    private Admission AdmitOther(in Item item, ref Item queued)
    {
        if (Refusal(Edge, ref _schema, item.Value, item.Bytes) is { } reason)
        {
            if (_isFromBefore && _fromBefore == 0 && reason == OtherColumns) { throw ColumnsChanged(((Batch)item.Value).Schema); }
            Drop(item, reason);
            return Admission.Taken;
        }

        _isFromBefore &= _fromBefore > 0;
        if (Edge.IsControl) { AddControl(item); }
        else { return AdmitByPolicy(item, ref queued); }
        return Admission.Taken;
    }

    /// <summary>Returns true if a message may bypass the empty queue. Called by the sender while the receiver is idle.</summary>
    internal bool MayPassBy(in Item item) => Count == 0 && FitsAsItIs(item);

    internal static string? Refusal(Edge edge, ref Schema? schema, object value, long bytes)
    {
        if (value is Batch batch)
        {
            if (schema is not null && !ReferenceEquals(schema, batch.Schema) && !schema.Equals(batch.Schema)) { return OtherColumns; }
            schema = batch.Schema;
        }

        var drops = edge.IsFromOutside || edge.Options.OnFull != OnFull.Wait;
        return !edge.IsControl && drops && bytes > edge.Options.CapacityBytes ? "oversized" : null;
    }

    internal void AddMerged(in Item merged)
    {
        if (merged.Bytes > Edge.Options.CapacityBytes) { Drop(merged, "oversized"); }
        else { Add(merged); }
    }

    /// <summary>Ends all dropped messages, even if ending one throws.</summary>
    internal void EndDropped()
    {
        if (_dropped.Count > 0) { EndAll(_dropped, processed: true); }
    }

    private Admission AdmitByPolicy(in Item item, ref Item queued)
    {
        var options = Edge.Options;
        if (item.Bytes > options.CapacityBytes)
        {
            throw new InvalidOperationException(
                $"edge {Name}: a message of {Sizes.Text(item.Bytes)} is larger than the edge's bound of "
                    + $"{Sizes.Text(options.CapacityBytes)}: raise it with Buffer");
        }

        switch (options.OnFull)
        {
            case OnFull.Wait when IsFull(item):
                return Admission.Full;
            case OnFull.DropNewest when IsFull(item):
                Drop(item, "drop-newest");
                return Admission.Taken;
            case OnFull.DropOldest:
                while (IsFull(item)) { Drop(Take(), "drop-oldest"); }
                break;
            case OnFull.KeepLatest:
                while (Count > 0) { Drop(Take(), "replaced"); }
                break;
            case OnFull.Coalesce when Count > 0:
                queued = Take();
                return Admission.Merge;
        }

        Add(item);
        return Admission.Taken;
    }

    internal object? ValueAt(int place) => place < Count ? _ring[Wrapped(_head + place)].Value : null;

    internal bool TryTake(out Item item)
    {
        if (Count == 0)
        {
            item = default;
            return false;
        }

        item = Take();
        return true;
    }

    /// <summary>Takes the next message of <see cref="TryTakeRun"/> without a lock, but not the last, because that frees space.</summary>
    internal bool TryTakeAhead(out Item item)
    {
        if (_runEnd - _runNext < 2)
        {
            item = default;
            return false;
        }

        item = _run[_runNext];
        _run[_runNext++] = default;
        return true;
    }

    internal bool IsInRun => _runNext < _runEnd;

    /// <summary>Removes a message and, on edges that wait, a short run, which counts as queued until its last one is removed.</summary>
    internal bool TryTakeRun(out Item item)
    {
        if (_runNext == _runEnd)
        {
            if (!_waits || _maxRun < 2 || Count < 2) { return TryTake(out item); }
            BeginRun();
            if (_runEnd > 1) { return TryTakeAhead(out item); }
        }

        item = _run[_runNext];
        EndRun();
        return true;
    }

    internal List<Item> TakeAll(string? reason)
    {
        List<Item> left = [.. _run.AsSpan(_runNext.._runEnd)];
        EndRun();
        while (Count > 0) { left.Add(Take()); }
        if (reason is null) { return left; }
        foreach (var item in left) { metrics.Dropped(reason, 1, item.Rows); }
        return left;
    }

    /// <summary>Ends all messages, even if ending one throws.</summary>
    internal static void EndAll(List<Item> items, bool processed)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (var item in items)
        {
            try { item.End(processed); }
            catch (Exception e) { failure ??= ExceptionDispatchInfo.Capture(e); }
        }

        items.Clear();
        failure?.Throw();
    }

    private void BeginRun()
    {
        var (count, bytes, rows) = (Count, Bytes, Rows);
        var most = Edge.Options.CapacityBytes / RunShare;
        if (_run.Length == 0) { _run = new Item[_maxRun]; }
        while (_runEnd < _run.Length && Count > 0 && (_runEnd == 0 || bytes - Bytes + _ring[_head].Bytes <= most))
        {
            _run[_runEnd++] = Take();
        }

        _held = (count - Count, bytes - Bytes, rows - Rows);
        (Count, Bytes, Rows) = (count, bytes, rows);
    }

    private void EndRun()
    {
        Array.Clear(_run, 0, _runEnd);
        (_runNext, _runEnd) = (0, 0);
        (Count, Bytes, Rows) = (Count - _held.Count, Bytes - _held.Bytes, Rows - _held.Rows);
        _held = default;
    }

    private bool FitsAsItIs(in Item item) =>
        _takesAtOnce && !IsFull(item) && (item.Value is not Batch batch || ReferenceEquals(batch.Schema, _schema));

    private bool IsFull(in Item item) => Count >= _capacityMessages || Bytes + item.Bytes > _capacityBytes;

    /// <summary>Adds a control message without waiting: it replaces the queued one of its kind and sender, or is dropped if full.</summary>
    private void AddControl(in Item item)
    {
        if (item.Value is IReplaceable added)
        {
            for (var i = 0; i < Count; i++)
            {
                ref var queued = ref _ring[Wrapped(_head + i)];
                if (queued.Value.GetType() != item.Value.GetType() || ((IReplaceable)queued.Value).ReplacementKey != added.ReplacementKey)
                {
                    continue;
                }
                if (Bytes - queued.Bytes + item.Bytes > Edge.Options.CapacityBytes) { break; }
                var old = queued;
                queued = item;
                (Bytes, Rows) = (Bytes + item.Bytes - old.Bytes, Rows + item.Rows - old.Rows);
                PeakBytes = Math.Max(PeakBytes, Bytes);
                Drop(old, "replaced");
                return;
            }
        }

        if (IsFull(item)) { Drop(item, item.Bytes > Edge.Options.CapacityBytes ? "oversized" : "over-credit"); }
        else { Add(item); }
    }

    /// <summary>Merges two messages. If the program's merge throws, the queued message is lost; the sender ends the new one.</summary>
    internal Item Merge(in Item queued, in Item added)
    {
        try
        {
            var merged = Edge.Options.Merged(queued.Value, added.Value);
            var item = Item.Of(merged, tokens.Join(queued.Token, added.Token), queued.First, added.Last);
            metrics.Add("coalesced", 1);
            if (queued.Rows + added.Rows > item.Rows) { metrics.Add("rows-coalesced", queued.Rows + added.Rows - item.Rows); }
            return item;
        }
        catch
        {
            metrics.Dropped("merge-failed", 1, queued.Rows);
            Ownership.TakeBack(queued.Value);
            queued.Token?.Release(processed: false);
            throw;
        }
    }

    private void Drop(Item item, string reason)
    {
        metrics.Dropped(reason, 1, item.Rows);
        _dropped.Add(item);
    }

    private void Add(in Item item)
    {
        var queued = Count - _held.Count;
        if (queued == _ring.Length) { Grow(); }
        _ring[Wrapped(_head + queued)] = item;
        Count++;
        Bytes += item.Bytes;
        Rows += item.Rows;
        PeakCount = Math.Max(PeakCount, Count);
        PeakBytes = Math.Max(PeakBytes, Bytes);
    }

    private Item Take()
    {
        var item = _ring[_head];
        _ring[_head] = default;
        _head = Wrapped(_head + 1);
        Count--;
        Bytes -= item.Bytes;
        Rows -= item.Rows;
        return item;
    }

    private void Grow()
    {
        var larger = new Item[Math.Min(_ring.Length * 2, Math.Max(Edge.Options.CapacityMessages, 1))];
        for (var i = 0; i < _ring.Length; i++) { larger[i] = _ring[Wrapped(_head + i)]; }
        (_ring, _head) = (larger, 0);
    }

    /// <summary>Compares, because a division would double the cost of the handover.</summary>
    private int Wrapped(int place) => place < _ring.Length ? place : place - _ring.Length;
}
