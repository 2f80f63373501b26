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
        var count = 0;
        for (var i = _runNext; i < _runEnd; i++) { count += _run[i].Token is null ? 1 : 0; }
        for (var i = 0; i < queued; i++) { count += _ring[Wrapped(_head + i)].Token is null ? 1 : 0; }
        writer.Write(count);
        writer.Write(_schema);
        for (var i = _runNext; i < _runEnd; i++) { Save(writer, messages, type, _run[i]); }
        for (var i = 0; i < queued; i++) { Save(writer, messages, type, _ring[Wrapped(_head + i)]); }
    }

    /// <summary>Takes up what was queued, in an edge that holds nothing yet.</summary>
    /// <param name="reader">What was written.</param>
    /// <param name="messages">How messages were saved.</param>
    /// <param name="type">Theirs.</param>
    /// <param name="isLocal">True: the sender is a block of this program, and its first batch must have the columns that came before. What
    /// comes from outside with other columns is dropped: nobody there may stop a run.</param>
    internal void Load(ref StateReader reader, SavedMessages messages, Type type, bool isLocal = true)
    {
        (var count, _schema) = ReadHead(ref reader);
        _isFromBefore = isLocal && _schema is not null;
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

    /// <summary>How many messages waited as the edge was saved, and the columns that had come; null: no batch had.</summary>
    internal static (int Count, Schema? Columns) ReadHead(ref StateReader reader) =>
        (reader.ReadInt32(0, int.MaxValue), reader.ReadSchema());

    /// <summary>Takes note of messages to come that the sender made in the run before, and that had found no space.</summary>
    internal void Await(int fromBefore) => (_fromBefore, _takesAtOnce) = (fromBefore, _waits && fromBefore == 0);

    /// <summary>Columns that came before, where the edge itself was not there: its receiver learned them.</summary>
    internal void Expect(Schema? columns) => (_schema, _isFromBefore) = (columns, columns is not null);

    /// <summary>Drops what was queued, in an edge whose receiver begins anew.</summary>
    internal void Leave(ref StateReader reader, SavedMessages messages, Type type)
    {
        var all = reader;
        var count = reader.ReadInt32(0, int.MaxValue);
        try
        {
            Load(ref all, messages, type);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            metrics.Dropped(BegunAnew, count - Count, 0);      // they cannot be read: nobody knows how many rows
        }

        EndAll(TakeAll(BegunAnew), processed: true);
        Expect(null);
    }

    /// <summary>Drops what comes from before: the receiver begins anew.</summary>
    internal void BeginAnew()
    {
        Expect(null);
        _beginsAnew = true;
    }

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

    private static void Save(StateWriter writer, SavedMessages messages, Type type, in Item item)
    {
        if (item.Token is null) { messages.Write(writer, type, item); }
    }

    private SchemaException ColumnsChanged(Schema columns)
    {
        var receiver = Name[(Name.IndexOf('→', StringComparison.Ordinal) + 1)..];
        return new($"edge {Name}: the columns have changed since the checkpoint: expected {_schema}, got {columns}. Undo the "
            + $"change, or let '{receiver}', and in turn those after it that keep such rows, begin anew: "
            + $"checkpoint.Without(\"{receiver}\")");
    }
}
