namespace StreamLearn;

/// <summary>The end of an edge at which a sender hands messages in.</summary>
internal interface IEdgeEnd
{
    /// <summary>Takes messages of one port from their place on, and moves the place past each that it took.</summary>
    bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place);

    /// <summary>Takes note of messages to come that the sender made in the run before, and whether the first of them has come
    /// already.</summary>
    void Await(int fromBefore, bool hasFirst) { }

    /// <summary>True if the next message has come already, in the run before.</summary>
    bool HasFirst => false;

    /// <summary>Takes note that it came again, or never will.</summary>
    void PassFirst() { }

    /// <summary>True while it has the message for which other targets of its sender have no space yet.</summary>
    bool HasNext { get => false; set { } }

    /// <summary>Takes note for how long its sender had to wait for its space.</summary>
    void Waited(TimeSpan time) { }

    /// <summary>A message that was meant for the receiver ends before it came there.</summary>
    void Lost(int rows);

    /// <summary>Tells the receiver that its sender has ended.</summary>
    void EndSender();
}

/// <summary>An edge of a run between two blocks. Each host guards the queue, and lets the two blocks go on, in its own way.</summary>
internal abstract class RunEdge(EdgeQueue queue) : IEdgeEnd
{
    internal EdgeQueue Queue { get; } = queue;

    /// <summary>True while a message is queued.</summary>
    internal virtual bool HasItems => Queue.Count > 0;

    /// <summary>True when its sender has ended and all that it sent has been taken.</summary>
    internal virtual bool HasEnded => Queue is { Ended: true, Count: 0 };

    public abstract bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place);

    public void Await(int fromBefore, bool hasFirst) => Queue.Await(fromBefore, hasFirst);

    public bool HasFirst => Queue.HasFirst;

    public void PassFirst() => Queue.HasFirst = false;

    public bool HasNext { get => Queue.HasNext; set => Queue.HasNext = value; }

    public void Waited(TimeSpan time) => Queue.AddWait(time);

    public virtual void Lost(int rows) { }

    /// <summary>Takes the next message, and lets a sender that waits for space go on.</summary>
    internal abstract bool TryTake(out Item item);

    public abstract void EndSender();

    /// <summary>Tells the sender that its receiver has ended.</summary>
    internal abstract void EndReceiver();
}
