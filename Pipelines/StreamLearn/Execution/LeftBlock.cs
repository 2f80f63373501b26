namespace StreamLearn;

/// <summary>What the host had kept of a block that is left out of a checkpoint: its messages are dropped, and counted.</summary>
/// <param name="messages">How messages were saved.</param>
/// <param name="metrics">Where they are counted.</param>
/// <param name="node">The block; null: it is gone from the pipeline.</param>
internal sealed class LeftBlock(SavedMessages messages, BlockMetrics metrics, Node? node)
{
    /// <summary>The form of what waits in a publication.</summary>
    internal const string Publication = "publication/3";

    /// <summary>The form of what an output of the program's is at work on.</summary>
    internal const string Sink = "sink/3";

    private long _unread;
    private long _unreadRows;

    /// <summary>Drops all that a part holds. What cannot be read is counted as far as it is known how many messages there are.</summary>
    internal void Drop(ref StateReader reader, string format)
    {
        try
        {
            reader.ReadBoolean();
            DropOutputs(ref reader);
            if (format == Publication) { DropPublications(ref reader); }
            else if (format == Sink) { DropInputs(ref reader); }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The rest is of a form that the pipeline does not know any more.
        }

        CountUnread();
    }

    private void CountUnread()
    {
        if (_unread > 0) { metrics.Dropped(EdgeQueue.BegunAnew, _unread, _unreadRows); }
    }

    private void DropOutputs(ref StateReader reader)
    {
        (_unread, _unreadRows) = Fanout.ReadHead(ref reader);
        while (_unread > 0)
        {
            var port = reader.ReadInt32(0, Ports.PortCount - 1);
            var type = port == Ports.DeadLetters ? typeof(DeadLetter) : node?.Outputs[port] ?? throw Unknown;
            Drop(messages.Read(ref reader, type));
        }
    }

    private void DropPublications(ref StateReader reader)
    {
        reader.ReadInt64();
        for (var list = 0; list < 2; list++)     // those under way, and those that wait for a checkpoint
        {
            for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
            {
                metrics.Dropped(EdgeQueue.BegunAnew, 1, SavedPublication.Load(ref reader).Rows);
            }
        }
    }

    private void DropInputs(ref StateReader reader)
    {
        for (var list = 0; list < 2; list++)     // those at work, and those that were to be done again
        {
            (_unread, _unreadRows) = (reader.ReadInt32(0, int.MaxValue), reader.ReadInt64());
            while (_unread > 0) { Drop(messages.Read(ref reader, node?.Input ?? throw Unknown)); }
        }
    }

    private static StateException Unknown => new("expected a known block");

    private void Drop(in Item item)
    {
        (_unread, _unreadRows) = (_unread - 1, _unreadRows - item.Rows);
        metrics.Dropped(EdgeQueue.BegunAnew, 1, item.Rows);
        item.End(processed: true);
    }
}
