namespace StreamLearn.Nats;

/// <summary>What a connection has subscribed to, and the messages that came of it.</summary>
/// <param name="connection">The connection.</param>
/// <param name="id">Its number at the server.</param>
/// <param name="subject">What to.</param>
/// <param name="group">The queue group; empty: none.</param>
/// <param name="inbox">Where messages go.</param>
/// <param name="toDeliver">Raised when messages wait.</param>
/// <param name="reader">Who takes messages instead of the inbox, and hears of connections; null: nobody.</param>
internal sealed class NatsSubscription(NatsConnection connection, ulong id, byte[] subject, byte[] group, NatsInbox inbox,
    Signal toDeliver, JetReader? reader = null)
{
    private readonly TopicNames _topics = new(static bytes => NatsTopic.TryToTopic(bytes, out var topic) ? topic : default);
    private bool _isNew;            // something has come, and nobody was told
    private bool _isCrowded;        // something was dropped meanwhile

    internal ulong Id => id;

    /// <summary>Locked by the connection.</summary>
    internal byte[] Subject { get; private set; } = subject;

    internal byte[] Group => group;

    /// <summary>True if a reader takes its messages.</summary>
    internal bool IsOfReader => reader is not null;

    /// <summary>True once the server is told that it ends. Locked by the connection.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>Locked by the connection.</summary>
    internal NatsInbox Inbox => inbox;

    /// <summary>Raised when messages wait, and when a connection was made or lost.</summary>
    internal Signal ToDeliver => toDeliver;

    /// <summary>Takes messages that wait.</summary>
    internal int Take(Span<NatsMessage> into)
    {
        var count = 0;
        lock (connection.Gate)
        {
            while (count < into.Length && inbox.TryTake(out into[count])) { count++; }
        }

        return count;
    }

    /// <summary>Takes a message's memory back.</summary>
    internal void Release(long message)
    {
        lock (connection.Gate) { inbox.Release(message); }
    }

    /// <summary>Takes a message that has come. Locked.</summary>
    /// <returns>True if it is the first since the last delivery.</returns>
    internal bool Take(in NatsFrame message)
    {
        if (reader is not null) { reader.Take(message); }
        else { _isCrowded |= !inbox.Add(_topics.Of(message.Subject), message.ReplyTo, message.HeaderBlock, message.Payload); }
        return !_isNew && (_isNew = true);
    }

    /// <summary>Why nothing will come; null: something may. Locked by the connection.</summary>
    internal TransportException? Failure { get; private set; }

    /// <summary>A message has come that cannot be read. Locked.</summary>
    internal void PassOver(ReadOnlySpan<byte> reply) => reader?.PassOver(reply);

    /// <summary>The server does not permit something. Locked.</summary>
    internal void Take(bool isSubscription, ReadOnlySpan<byte> what, TransportException error)
    {
        if (isSubscription && Subject.AsSpan().SequenceEqual(what)) { Failure = error; }
        else if (isSubscription || reader?.Pulls(what) != true) { return; }
        reader?.Fail(error);
        ToDeliver.Raise();
    }

    /// <summary>Tells who waits that something has come. Locked.</summary>
    /// <returns>True if something was dropped.</returns>
    internal bool Deliver()
    {
        var isCrowded = _isCrowded;
        (_isNew, _isCrowded) = (false, false);
        ToDeliver.RaiseWithoutSpin();
        return isCrowded;
    }

    /// <summary>It was made over a new connection. Locked.</summary>
    internal void Connected()
    {
        reader?.Connected();
        ToDeliver.Raise();
    }

    /// <summary>There will be no other connection. Locked.</summary>
    internal void Leaves()
    {
        reader?.Leaves();
        ToDeliver.Raise();
    }

    /// <summary>Its connection was lost. Locked.</summary>
    internal void Lost()
    {
        if (reader is not null) { Subject = reader.Lost(); }
        ToDeliver.Raise();
    }
}
