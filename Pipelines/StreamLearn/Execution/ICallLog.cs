namespace StreamLearn;

/// <summary>Receives all calls and arrivals of a run in a repeatable order.</summary>
internal interface ICallLog
{
    /// <summary>Before each call. <paramref name="edge"/>: the message's, or null. <paramref name="last"/>: last one merged into
    /// it.</summary>
    void Call(Node node, CallKind kind, Edge? edge, long first, long last, DateTimeOffset now);

    void Made(Node node, DateTimeOffset now);

    /// <summary>True if <see cref="Arrived"/> needs the payload.</summary>
    bool KeepsContent { get; }

    /// <summary>Called for each message that arrives. <paramref name="payload"/>: null unless <see cref="KeepsContent"/> is true.</summary>
    void Arrived(Node node, in Message message, byte[]? payload, DateTimeOffset now);

    /// <summary>Called after a message is encoded and before it is sent to the transport.</summary>
    void Published(Node node, long sequence, ReadOnlySpan<byte> payload);

    void Changed(Node node, ConnectionChange change, DateTimeOffset now);
}
