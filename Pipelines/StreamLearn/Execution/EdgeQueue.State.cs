namespace StreamLearn;

internal sealed partial class EdgeQueue
{
    /// <summary>Drop reason for messages of a block that restarts empty.</summary>
    internal const string Restarted = "begun-anew";

    /// <summary>Omits unacknowledged messages, which their source redelivers.</summary>
    internal void State(ref StateStream s, SavedMessages messages, Type type, bool isLocal, string? leave = null)
    {
        var queued = s.IsReading ? 0 : Count - _held.Count;
        var (count, rows) = (0, 0L);
        for (var i = _runNext; i < _runEnd; i++) { Tally(_run[i], ref count, ref rows); }
        for (var i = 0; i < queued; i++) { Tally(_ring[Wrapped(_head + i)], ref count, ref rows); }
        var head = Head(ref s, new(count, rows, messages.CodecOf(type), _schema, HasNext || (HasFirst && _fromBefore > 0)));
        if (s.IsReading)
        {
            Load(ref s, messages, type, isLocal, leave, head);
            return;
        }

        for (var i = _runNext; i < _runEnd; i++) { Save(ref s, messages, type, _run[i]); }
        for (var i = 0; i < queued; i++) { Save(ref s, messages, type, _ring[Wrapped(_head + i)]); }
    }

    internal static EdgeHead Head(ref StateStream s, in EdgeHead head) => new(s.Value(head.Count, 0, int.MaxValue), s.Value(head.Rows),
        s.Value(head.Codec ?? ""), s.Value(head.Columns), s.Value(head.HasNext));

    private void Load(ref StateStream s, SavedMessages messages, Type type, bool isLocal, string? leave, in EdgeHead head)
    {
        var (count, _, codec, columns, hasNext) = head;
        if (codec != messages.CodecOf(type))
        {
            throw new StateException($"expected messages of codec '{messages.CodecOf(type)}', got '{codec}'");
        }

        (_schema, _isFromBefore, _leave, HasFirst) = (columns, isLocal && columns is not null, leave, hasNext);
        for (; count > 0; count--)
        {
            if (Count == Edge.Options.CapacityMessages)
            {
                throw new StateException($"edge {Name}: expected at most {Count} messages, got {Count + count}: restore its previous "
                    + "capacity (Buffer)");
            }

            Add(messages.State(ref s, type, default));
        }
    }

    /// <summary>True if the next message was already delivered before the restart.</summary>
    internal bool HasFirst { get; set; }

    internal bool HasNext { get; set; }

    /// <summary>Expects outputs left over from the last run. <paramref name="hasFirst"/>: the first was delivered; skip it.</summary>
    internal void Await(int fromBefore, bool hasFirst = false) =>
        (_fromBefore, HasFirst, _takesAtOnce) = (fromBefore, hasFirst, _waits && fromBefore == 0);

    internal void DropAwaited() => _dropsAwaited = true;

    /// <summary>Sets the schema of a new edge whose receiver already knows it.</summary>
    internal void Expect(Schema? columns) => (_schema, _isFromBefore) = (columns, columns is not null);

    /// <summary>The state besides the messages, for a simulation that resumes at the same moment. Read it after the messages.</summary>
    internal void Marks(ref StateStream s)
    {
        PeakCount = s.Value(PeakCount, 0, int.MaxValue);
        PeakBytes = s.Value(PeakBytes);
        Ended = s.Value(Ended);
        SenderWaits = s.Value(SenderWaits);
    }

    private static void Tally(in Item item, ref int count, ref long rows)
    {
        if (item.Token is null) { (count, rows) = (count + 1, rows + item.Rows); }
    }

    private static void Save(ref StateStream s, SavedMessages messages, Type type, in Item item)
    {
        if (item.Token is null) { messages.State(ref s, type, item); }
    }

    private SchemaException ColumnsChanged(Schema columns)
    {
        var receiver = _leave ?? Name[(Name.IndexOf('→', StringComparison.Ordinal) + 1)..];
        return new($"edge {Name}: the columns have changed since the checkpoint: expected {_schema}, got {columns}. Undo the change, or "
            + $"restart '{receiver}', and then the blocks after it that keep such rows: checkpoint.Without(\"{receiver}\")");
    }
}

internal readonly record struct EdgeHead(int Count, long Rows, string Codec, Schema? Columns, bool HasNext);
