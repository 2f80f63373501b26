namespace StreamLearn;

/// <summary>Gets every call and arrival of a run in an order in which they can be repeated.</summary>
internal interface ICallLog
{
    /// <summary>A call is about to be made. <paramref name="edge"/>: where its message came from; null without a message.
    /// <paramref name="last"/>: the number of the last message merged into it.</summary>
    void Call(Node node, CallKind kind, Edge? edge, long first, long last, DateTimeOffset now);

    /// <summary>A local source is about to make its next message.</summary>
    void Made(Node node, DateTimeOffset now);

    /// <summary>A subscription is about to hand a message in.</summary>
    void Arrived(Node node, MessageOrigin origin, DateTimeOffset now);

    /// <summary>A change of a connection is about to be handed in.</summary>
    void Changed(Node node, ConnectionChange change, DateTimeOffset now);
}
