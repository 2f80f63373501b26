namespace StreamLearn;

internal interface IEdgeEnd
{
    bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place);

    /// <summary>Expects outputs from before the restart. The first may already be delivered.</summary>
    void Await(int fromBefore, bool hasFirst) { }

    /// <summary>True if the next message was already delivered before the restart.</summary>
    bool HasFirst => false;

    /// <summary>Called when the first message was redelivered, or never will be.</summary>
    void PassFirst() { }

    /// <summary>True while the target has a message for which other targets have no space.</summary>
    bool HasNext { get => false; set { } }

    void Waited(TimeSpan time) { }

    void Lost(int rows);

    void EndSender();
}

/// <summary>An edge between two blocks; each host adds its own locking and scheduling.</summary>
internal abstract class RunEdge(EdgeQueue queue) : IEdgeEnd
{
    internal EdgeQueue Queue { get; } = queue;

    internal virtual bool HasItems => Queue.Count > 0;

    internal virtual bool HasEnded => Queue is { Ended: true, Count: 0 };

    public abstract bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place);

    public void Await(int fromBefore, bool hasFirst) => Queue.Await(fromBefore, hasFirst);

    public bool HasFirst => Queue.HasFirst;

    public void PassFirst() => Queue.HasFirst = false;

    public bool HasNext { get => Queue.HasNext; set => Queue.HasNext = value; }

    public void Waited(TimeSpan time) => Queue.AddWait(time);

    public virtual void Lost(int rows) { }

    internal abstract bool TryTake(out Item item);

    public abstract void EndSender();

    internal abstract void EndReceiver();
}
