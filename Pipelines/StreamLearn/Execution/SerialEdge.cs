namespace StreamLearn;

/// <summary>A block that shares one thread with those it is connected to.</summary>
internal interface ISerialBlock
{
    BlockMetrics Metrics { get; }

    /// <summary>True when it takes nothing more.</summary>
    bool Ended { get; }

    /// <summary>Lets it look for something to do.</summary>
    void Wake();

    /// <summary>Tells it that a receiver has ended.</summary>
    void EndReceiver();
}

/// <summary>An edge between two blocks on one thread: who waits is poked. <paramref name="stopped"/>: how messages are counted that do not
/// reach a receiver which is stopped.</summary>
internal sealed class SerialEdge(EdgeQueue queue, ISerialBlock sender, ISerialBlock receiver, string stopped) : RunEdge(queue)
{
    public override bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place)
    {
        var port = items[place].Port;
        for (; place < items.Length && items[place].Port == port; place++)
        {
            ref readonly var item = ref items[place].Item;
            if (receiver.Ended)
            {
                receiver.Metrics.Dropped("after-end", 1, item.Rows);
                item.End(processed: true);
            }
            else if (Queue.TryAdd(item)) { receiver.Wake(); }
            else
            {
                Queue.SenderWaits = true;
                return false;
            }
        }

        return true;
    }

    public override void Lost(int rows) => receiver.Metrics.Dropped(stopped, 1, rows);

    public override void EndSender()
    {
        Queue.Ended = true;
        receiver.Wake();
    }

    internal override bool TryTake(out Item item)
    {
        if (!Queue.TryTake(out item)) { return false; }
        if (Queue.SenderWaits)
        {
            Queue.SenderWaits = false;
            sender.Wake();
        }

        return true;
    }

    internal override void EndReceiver() => sender.EndReceiver();
}
