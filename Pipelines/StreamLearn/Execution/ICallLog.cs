namespace StreamLearn;

/// <summary>Receives all calls and arrivals of a run in a repeatable order.</summary>
internal interface ICallLog
{
    /// <summary>Before a call. <paramref name="edge"/>: the message's edge or null. <paramref name="last"/>: number of the last message
    /// merged into it.</summary>
    void Call(Node node, CallKind kind, Edge? edge, long first, long last, DateTimeOffset now);

    void Made(Node node, DateTimeOffset now);

    void Arrived(Node node, MessageOrigin origin, DateTimeOffset now);

    void Changed(Node node, ConnectionChange change, DateTimeOffset now);
}
