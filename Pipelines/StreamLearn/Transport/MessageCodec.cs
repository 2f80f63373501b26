namespace StreamLearn;

/// <summary>How messages of one type stand in a state: those that wait on edges, and those that operators hold.</summary>
public abstract class MessageCodec
{
    private protected MessageCodec() { }

    /// <summary>Saves messages by a codec. It should lose nothing: a restored message is the saved one, bit for bit.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="codec">Turns them into bytes and back.</param>
    public static MessageCodec Of<T>(ICodec<T> codec)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(codec);
        return new ByCodec<T>(codec);
    }

    /// <summary>Saves messages field by field.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="name">The name of the form, with its version: <c>evaluation/1</c>.</param>
    /// <param name="write">Writes a message; it stays the caller's.</param>
    /// <param name="read">Reads what was written.</param>
    public static MessageCodec Of<T>(string name, MessageWriter<T> write, MessageReader<T> read)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        return new ByFields<T>(name, write, read);
    }

    internal abstract Type Type { get; }

    internal abstract string Name { get; }

    internal abstract void Write(StateWriter writer, object message);

    internal abstract object Read(ref StateReader reader);

    /// <summary>Reads a message from its bytes alone; null if they are none.</summary>
    internal virtual object? Decode(ReadOnlyMemory<byte> bytes, BatchPool pool) => null;

    private sealed class ByCodec<T>(ICodec<T> codec) : MessageCodec
        where T : class
    {
        internal override Type Type => typeof(T);

        internal override string Name => codec.Name;

        internal override void Write(StateWriter writer, object message) => writer.Write(codec, (T)message);

        internal override object Read(ref StateReader reader) => reader.Read(codec);

        internal override object? Decode(ReadOnlyMemory<byte> bytes, BatchPool pool) =>
            codec.TryDecode(new(bytes), pool, out var message) ? message : null;
    }

    private sealed class ByFields<T>(string name, MessageWriter<T> write, MessageReader<T> read) : MessageCodec
        where T : class
    {
        internal override Type Type => typeof(T);

        internal override string Name => name;

        internal override void Write(StateWriter writer, object message) => write(writer, (T)message);

        internal override object Read(ref StateReader reader) => read(ref reader);
    }
}

/// <summary>Writes a message in a state.</summary>
/// <typeparam name="T">The messages.</typeparam>
/// <param name="writer">Where to.</param>
/// <param name="message">The message; it stays the caller's.</param>
public delegate void MessageWriter<in T>(StateWriter writer, T message)
    where T : class;

/// <summary>Reads a message of a state.</summary>
/// <typeparam name="T">The messages.</typeparam>
/// <param name="reader">Where from.</param>
/// <exception cref="StateException">The bytes are no such message.</exception>
public delegate T MessageReader<out T>(ref StateReader reader)
    where T : class;

/// <summary>Batches in a state.</summary>
internal sealed class BatchMessages : MessageCodec
{
    internal override Type Type => typeof(Batch);

    internal override string Name => "batch";

    internal override void Write(StateWriter writer, object message) => writer.Write((Batch)message);

    internal override object Read(ref StateReader reader) => reader.ReadBatch() ?? throw new StateException("expected a batch, got none");
}

/// <summary>Texts in a state.</summary>
internal sealed class TextMessages : MessageCodec
{
    internal override Type Type => typeof(string);

    internal override string Name => "text";

    internal override void Write(StateWriter writer, object message) => writer.Write((string)message);

    internal override object Read(ref StateReader reader) => reader.ReadText();
}

/// <summary>Changes of connections in a state.</summary>
internal sealed class ConnectionMessages : MessageCodec
{
    internal override Type Type => typeof(ConnectionChange);

    internal override string Name => "connection";

    internal override void Write(StateWriter writer, object message)
    {
        var change = (ConnectionChange)message;
        writer.Write(change.Transport);
        writer.Write(change.Session);
        writer.Write(change.Subscription is not null);
        writer.Write(change.Subscription ?? "");
        writer.Write(change.IsConnected);
        writer.Write(change.Connects);
        writer.Write(change.SessionKept);
        writer.Write(change.Reason);
    }

    internal override object Read(ref StateReader reader)
    {
        var (transport, session) = (reader.ReadText(), reader.ReadText());
        var (hasSubscription, subscription) = (reader.ReadBoolean(), reader.ReadText());
        return new ConnectionChange
        {
            Transport = transport,
            Session = session,
            Subscription = hasSubscription ? subscription : null,
            IsConnected = reader.ReadBoolean(),
            Connects = reader.ReadInt64(),
            SessionKept = reader.ReadBoolean(),
            Reason = reader.ReadText(),
        };
    }
}
