namespace StreamLearn;

internal sealed class StageEdge(EdgeQueue queue, Stage sender, Stage receiver) : RunEdge(queue)
{
    internal override bool HasItems
    {
        get
        {
            lock (receiver.Gate) { return base.HasItems; }
        }
    }

    internal override bool HasEnded
    {
        get
        {
            lock (receiver.Gate) { return base.HasEnded; }
        }
    }

    public override bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place)
    {
        var port = items[place].Port;
        if (sender.HopsLeft > 0) { receiver.TakeNow(sender, Queue, items, ref place); }
        Item queued = default;
        while (place < items.Length && items[place].Port == port)
        {
            bool idle;
            var admission = Admission.Taken;
            lock (receiver.Gate)
            {
                idle = Queue.Count == 0;
                while (place < items.Length && items[place].Port == port)
                {
                    admission = Admit(items[place].Item, ref queued);
                    if (admission != Admission.Taken) { break; }
                    place++;
                }
            }

            if (admission == Admission.Merge)
            {
                AddMerged(Queue.Merge(queued, items[place].Item));
                place++;        // not earlier: if the merge throws, the sender still owns the message
                idle = true;
            }

            if (idle || Queue.Edge.IsControl || receiver.BeginsAhead) { receiver.Schedule(); }
            Queue.EndDropped();
            if (admission == Admission.Full) { return false; }
            if (admission == Admission.Ended) { receiver.EndTooLate(items[place++].Item); }
        }

        return true;
    }

    internal bool TryTakeIfRoom(long bytesAtWork, out Item item)
    {
        lock (receiver.Gate)
        {
            item = default;
            return Queue.NextBytes <= Queue.Edge.Options.CapacityBytes - bytesAtWork && TryTake(out item);
        }
    }

    internal bool IsFirst(object message)
    {
        lock (receiver.Gate) { return ReferenceEquals(Queue.ValueAt(0), message); }
    }

    internal (object Message, object Given)? TryRetain(int place)
    {
        lock (receiver.Gate) { return Queue.ValueAt(place) is { } message ? (message, (message as IOwned)?.Retain() ?? message) : null; }
    }

    internal bool TryTakeThis(object message, out Item item)
    {
        bool wake;
        lock (receiver.Gate)
        {
            item = default;
            if (!ReferenceEquals(Queue.ValueAt(0), message) || !Queue.TryTake(out item)) { return false; }
            (wake, Queue.SenderWaits) = (Queue.SenderWaits, false);
        }

        if (wake) { sender.Schedule(); }
        return true;
    }

    internal override bool TryTake(out Item item)
    {
        if (Queue.TryTakeAhead(out item)) { return true; }
        bool wake;
        lock (receiver.Gate)
        {
            if (!Queue.TryTakeRun(out item)) { return false; }
            wake = Queue.SenderWaits && Queue.Count * 2 <= Queue.Edge.Options.CapacityMessages;
            if (wake) { Queue.SenderWaits = false; }
        }

        if (wake) { sender.Schedule(); }
        return true;
    }

    public override void Lost(int rows) => receiver.Metrics.Dropped(receiver.Run.Unprocessed, 1, rows);

    public override void EndSender()
    {
        lock (receiver.Gate) { Queue.Ended = true; }
        receiver.Schedule();
    }

    internal override void EndReceiver() => sender.EndReceiver();

    internal void WakeSender() => sender.Schedule();

    private Admission Admit(in Item item, ref Item queued)
    {
        if (receiver.Closed) { return Admission.Ended; }
        var admission = Queue.Admit(item, ref queued);
        if (admission == Admission.Full) { Queue.SenderWaits = true; }
        return admission;
    }

    /// <summary>Adds a message that was merged outside the lock. If the receiver has ended, ends the message.</summary>
    private void AddMerged(in Item merged)
    {
        bool closed;
        lock (receiver.Gate)
        {
            closed = receiver.Closed;
            if (!closed) { Queue.AddMerged(merged); }
        }

        if (closed) { receiver.EndTooLate(merged); }
    }
}
