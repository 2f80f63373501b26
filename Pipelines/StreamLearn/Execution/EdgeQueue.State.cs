namespace StreamLearn;

/// <summary>Its state: the messages on it, and the columns that came.</summary>
internal sealed partial class EdgeQueue
{
    /// <summary>Why messages are dropped of which a block begins anew that would have had them.</summary>
    internal const string BegunAnew = "begun-anew";

    /// <summary>Writes what is queued. A message that its source would send again, because it is not acknowledged yet, is left
    /// out.</summary>
    internal void Save(StateWriter writer, SavedMessages messages, Type type)
    {
        var queued = Count - _held.Count;
        var (count, rows) = (0, 0L);
        for (var i = _runNext; i < _runEnd; i++) { Tally(_run[i], ref count, ref rows); }
        for (var i = 0; i < queued; i++) { Tally(_ring[Wrapped(_head + i)], ref count, ref rows); }
        writer.Write(count);
        writer.Write(rows);
        writer.Write(messages.CodecOf(type));
        writer.Write(_schema);
        writer.Write(HasNext || (HasFirst && _fromBefore > 0));
        for (var i = _runNext; i < _runEnd; i++) { Save(writer, messages, type, _run[i]); }
        for (var i = 0; i < queued; i++) { Save(writer, messages, type, _ring[Wrapped(_head + i)]); }
    }

    /// <summary>Takes up what was queued, in an edge that holds nothing yet.</summary>
    /// <param name="reader">What was written.</param>
    /// <param name="messages">How messages were saved.</param>
    /// <param name="type">Theirs.</param>
    /// <param name="isLocal">True: the sender is a block of this program, and its first batch must have the columns that came before. What
    /// comes from outside with other columns is dropped: nobody there may stop a run.</param>
    /// <param name="leave">The block to leave out where the columns have changed; null: the receiver.</param>
    internal void Load(ref StateReader reader, SavedMessages messages, Type type, bool isLocal, string? leave = null)
    {
        var (count, _, codec, columns, hasNext) = ReadHead(ref reader);
        if (codec != messages.CodecOf(type))
        {
            throw new StateException($"expected messages of codec '{messages.CodecOf(type)}', got '{codec}'");
        }

        (_schema, _isFromBefore, _leave, HasFirst) = (columns, isLocal && columns is not null, leave, hasNext);
        for (; count > 0; count--)
        {
            if (Count == Edge.Options.CapacityMessages)
            {
                throw new StateException($"edge {Name}: expected at most {Count} messages, got {Count + count}: let it hold as "
                    + "many as before (Buffer)");
            }

            Add(messages.Read(ref reader, type));
        }
    }

    /// <summary>How much waited as the edge was saved, and the columns that had come.</summary>
    internal static EdgeHead ReadHead(ref StateReader reader) =>
        new(reader.ReadInt32(0, int.MaxValue), reader.ReadInt64(), reader.ReadText(), reader.ReadSchema(), reader.ReadBoolean());

    /// <summary>True if the next message has come already, in the run before.</summary>
    internal bool HasFirst { get; set; }

    /// <summary>True while it has the message for which other targets of its sender have no space yet.</summary>
    internal bool HasNext { get; set; }

    /// <summary>Takes note of messages to come that the sender made in the run before, and that had found no space.</summary>
    /// <param name="fromBefore">How many.</param>
    /// <param name="hasFirst">True: the first of them has come already, and is no message to the receiver.</param>
    internal void Await(int fromBefore, bool hasFirst = false) =>
        (_fromBefore, HasFirst, _takesAtOnce) = (fromBefore, hasFirst, _waits && fromBefore == 0);

    /// <summary>Drops these messages: they were for a block that is gone, or begins anew.</summary>
    internal void DropAwaited() => _dropsAwaited = true;

    /// <summary>Columns that came before, where the edge itself was not there: its receiver learned them.</summary>
    internal void Expect(Schema? columns) => (_schema, _isFromBefore) = (columns, columns is not null);

    /// <summary>Writes what the queue keeps beside its messages, for a world that goes on at the same moment.</summary>
    internal void SaveMarks(StateWriter writer)
    {
        writer.Write(PeakCount);
        writer.Write(PeakBytes);
        writer.Write(Ended);
        writer.Write(SenderWaits);
    }

    /// <summary>Takes it up, once the messages are there.</summary>
    internal void LoadMarks(ref StateReader reader)
    {
        (PeakCount, PeakBytes) = (reader.ReadInt32(0, int.MaxValue), reader.ReadInt64());
        (Ended, SenderWaits) = (reader.ReadBoolean(), reader.ReadBoolean());
    }

    private static void Tally(in Item item, ref int count, ref long rows)
    {
        if (item.Token is null) { (count, rows) = (count + 1, rows + item.Rows); }
    }

    private static void Save(StateWriter writer, SavedMessages messages, Type type, in Item item)
    {
        if (item.Token is null) { messages.Write(writer, type, item); }
    }

    private SchemaException ColumnsChanged(Schema columns)
    {
        var receiver = _leave ?? Name[(Name.IndexOf('→', StringComparison.Ordinal) + 1)..];
        return new($"edge {Name}: the columns have changed since the checkpoint: expected {_schema}, got {columns}. Undo the "
            + $"change, or let '{receiver}', and in turn those after it that keep such rows, begin anew: "
            + $"checkpoint.Without(\"{receiver}\")");
    }
}

/// <summary>How much waits on an edge that was saved.</summary>
/// <param name="Count">Messages.</param>
/// <param name="Rows">Sensor rows in them.</param>
/// <param name="Codec">The name of the codec that wrote them.</param>
/// <param name="Columns">The columns of the batches that had come; null: none had.</param>
/// <param name="HasNext">True if it had the message for which other targets of its sender had no space yet.</param>
internal readonly record struct EdgeHead(int Count, long Rows, string Codec, Schema? Columns, bool HasNext);
