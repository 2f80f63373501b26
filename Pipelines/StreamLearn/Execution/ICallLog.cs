namespace StreamLearn;

/// <summary>Gets every call and arrival of a run in an order in which they can be repeated.</summary>
internal interface ICallLog
{
    /// <summary>A call is about to be made.</summary>
    /// <param name="node">The block.</param>
    /// <param name="kind">The kind of call.</param>
    /// <param name="edge">Where its message came from; null without a message.</param>
    /// <param name="first">The number of the sender's message.</param>
    /// <param name="last">The number of the last message merged into it.</param>
    /// <param name="now">The time of the call.</param>
    void Call(Node node, CallKind kind, Edge? edge, long first, long last, DateTimeOffset now);

    /// <summary>A local source is about to make its next message.</summary>
    /// <param name="node">The block.</param>
    /// <param name="now">The time.</param>
    void Made(Node node, DateTimeOffset now);

    /// <summary>A subscription is about to hand a message in.</summary>
    /// <param name="node">The block.</param>
    /// <param name="origin">Which message.</param>
    /// <param name="now">The time.</param>
    void Arrived(Node node, MessageOrigin origin, DateTimeOffset now);

    /// <summary>A change of a connection is about to be handed in.</summary>
    /// <param name="node">The block.</param>
    /// <param name="change">The change.</param>
    /// <param name="now">The time.</param>
    void Changed(Node node, ConnectionChange change, DateTimeOffset now);
}
