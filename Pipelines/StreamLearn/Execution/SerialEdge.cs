namespace StreamLearn;

internal interface ISerialBlock
{
    BlockMetrics Metrics { get; }

    bool Ended { get; }

    void Wake();

    void EndReceiver();
}

/// <summary>An edge between blocks on one thread. <paramref name="stopped"/>: drop reason for messages to a stopped receiver.</summary>
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
