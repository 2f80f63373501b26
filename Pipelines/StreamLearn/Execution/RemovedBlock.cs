namespace StreamLearn;

/// <summary>Drops and counts the messages of a removed block. <paramref name="node"/>: null if it left the pipeline.</summary>
internal sealed class RemovedBlock(SavedMessages messages, BlockMetrics metrics, Node? node)
{
    internal const string Publication = "publication/3";

    internal const string Sink = "sink/3";

    private long _unread;
    private long _unreadRows;

    internal void Drop(ref StateStream s, string format)
    {
        try
        {
            s.Value(false);
            DropOutputs(ref s);
            if (format == Publication) { DropPublications(ref s); }
            else if (format == Sink) { DropInputs(ref s); }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The rest has an unknown format.
        }

        CountUnread();
    }

    private void CountUnread()
    {
        if (_unread > 0) { metrics.Dropped(EdgeQueue.Restarted, _unread, _unreadRows); }
    }

    private void DropOutputs(ref StateStream s)
    {
        (_unread, _unreadRows) = Fanout.Head(ref s);
        while (_unread > 0)
        {
            var port = s.Value(0, 0, Ports.PortCount - 1);
            var type = port == Ports.DeadLetters ? typeof(DeadLetter) : node?.Outputs[port] ?? throw Unknown;
            Drop(messages.State(ref s, type, default));
        }
    }

    private void DropPublications(ref StateStream s)
    {
        s.Value(0L);
        for (var list = 0; list < 2; list++)     // messages in flight, and those waiting for a checkpoint
        {
            for (var count = s.Value(0, 0, int.MaxValue); count > 0; count--)
            {
                metrics.Dropped(EdgeQueue.Restarted, 1, SavedPublication.State(ref s, null).Rows);
            }
        }
    }

    private void DropInputs(ref StateStream s)
    {
        for (var list = 0; list < 2; list++)     // messages in progress, and those to be repeated
        {
            (_unread, _unreadRows) = Fanout.Head(ref s);
            while (_unread > 0) { Drop(messages.State(ref s, node?.Input ?? throw Unknown, default)); }
        }
    }

    private static StateException Unknown => new("expected a known block");

    private void Drop(in Item item)
    {
        (_unread, _unreadRows) = (_unread - 1, _unreadRows - item.Rows);
        metrics.Dropped(EdgeQueue.Restarted, 1, item.Rows);
        item.End(processed: true);
    }
}
