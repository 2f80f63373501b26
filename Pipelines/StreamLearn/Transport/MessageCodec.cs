namespace StreamLearn;

/// <summary>Saves messages of one type on edges and in operators.</summary>
public abstract class MessageCodec
{
    private protected MessageCodec() { }

    /// <summary>Saves messages with a codec, which should restore them bit for bit.</summary>
    public static MessageCodec Of<T>(ICodec<T> codec)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(codec);
        return new ByCodec<T>(codec);
    }

    /// <summary>Saves messages field by field.</summary>
    /// <param name="name">The format's name and version, such as <c>evaluation/1</c>.</param>
    /// <param name="state">The state of a message; when it is read, the message to assign is null.</param>
    public static MessageCodec Of<T>(string name, StateOf<T> state)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(state);
        return new ByFields<T>(name, state);
    }

    internal abstract Type Type { get; }

    internal abstract string Name { get; }

    internal abstract object State(ref StateStream s, object? message);

    /// <summary>Null if the bytes are not a message.</summary>
    internal virtual object? Decode(ReadOnlyMemory<byte> bytes, BatchPool pool) => null;

    private sealed class ByCodec<T>(ICodec<T> codec) : MessageCodec
        where T : class
    {
        internal override Type Type => typeof(T);

        internal override string Name => codec.Name;

        internal override object State(ref StateStream s, object? message) => s.Value((T?)message, codec);

        internal override object? Decode(ReadOnlyMemory<byte> bytes, BatchPool pool) =>
            codec.TryDecode(new(bytes), pool, out var message) ? message : null;
    }

    private sealed class ByFields<T>(string name, StateOf<T> state) : MessageCodec
        where T : class
    {
        internal override Type Type => typeof(T);

        internal override string Name => name;

        internal override object State(ref StateStream s, object? message)
        {
            var one = (T)message!;
            state(ref s, ref one);
            return one;
        }
    }
}

internal sealed class BatchMessages : MessageCodec
{
    internal override Type Type => typeof(Batch);

    internal override string Name => "batch";

    internal override object State(ref StateStream s, object? message) =>
        s.Value((Batch?)message) ?? throw new StateException("expected a batch, got none");
}

internal sealed class TextMessages : MessageCodec
{
    internal override Type Type => typeof(string);

    internal override string Name => "text";

    internal override object State(ref StateStream s, object? message) => s.Value((string?)message ?? "");
}

internal sealed class ConnectionMessages : MessageCodec
{
    internal override Type Type => typeof(ConnectionChange);

    internal override string Name => "connection";

    internal override object State(ref StateStream s, object? message)
    {
        var change = (ConnectionChange?)message;
        var (transport, session) = (s.Value(change?.Transport ?? ""), s.Value(change?.Session ?? ""));
        var subscription = s.Text(change?.Subscription);
        var (isConnected, connects) = (s.Value(change?.IsConnected ?? false), s.Value(change?.Connects ?? 0));
        var (sessionKept, reason) = (s.Value(change?.SessionKept ?? false), s.Value(change?.Reason ?? ""));
        return change ?? new()
        {
            Transport = transport,
            Session = session,
            Subscription = subscription,
            IsConnected = isConnected,
            Connects = connects,
            SessionKept = sessionKept,
            Reason = reason,
        };
    }
}
