namespace StreamLearn.Nats;

/// <summary>The consumer of a reader: created where it is missing, so that the reader goes on where it was. Used by one task at a
/// time.</summary>
internal sealed class JetConsumer(NatsJetStream jetStream, JetReading reading, JetInbox inbox, Func<CancellationToken, Task> ensure)
{
    private readonly JetOrphans _orphans = new(jetStream, reading, inbox);
    private string? _name = reading.Durable;
    private DateTimeOffset _created;        // the stream
    private long _last;
    private bool _hasPlace;         // all up to the last has come, or is none of what is read

    /// <summary>True if the last call created it.</summary>
    internal bool IsNew { get; private set; }

    /// <summary>Within this time the stream takes a message with the id of another one for the same.</summary>
    internal TimeSpan DuplicateWindow { get; private set; }

    /// <summary>The highest number that has come.</summary>
    internal ulong Last => (ulong)Volatile.Read(ref _last);

    /// <summary>A message has come.</summary>
    internal void Came(ulong sequence)
    {
        if (sequence > Last) { Volatile.Write(ref _last, (long)sequence); }
        _hasPlace = true;
    }

    /// <summary>Finds the consumer, or creates it.</summary>
    /// <param name="lowestOpen">The lowest number of a message that came and is not acknowledged.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="TransportException">There is another consumer with its name.</exception>
    internal async Task<NatsConsumerStatus> SetAsync(ulong lowestOpen, CancellationToken cancellationToken)
    {
        var connects = jetStream.Connection.Connects;
        await ensure(cancellationToken).ConfigureAwait(false);
        var stream = await jetStream.StreamAsync(reading.Stream, cancellationToken).ConfigureAwait(false)
            ?? throw new TransportException($"expected a stream '{reading.Stream}', there is none", isTransient: true);
        if (_created != default && _created != stream.Created) { (_last, _hasPlace) = (0, false); }     // another one, with its own numbers
        var isSame = _created == stream.Created;
        if ((ulong)stream.State.LastSequence < Last) { Volatile.Write(ref _last, stream.State.LastSequence); }  // numbers are given anew
        (_created, DuplicateWindow) = (stream.Created, stream.Config.DuplicateWindow);
        IsNew = false;
        if (reading.Acknowledges && _name is { } name
            && await jetStream.ConsumerAsync(reading.Stream, name, cancellationToken).ConfigureAwait(false) is { } there)
        {
            await _orphans.AcknowledgeAsync(stream, Checked(there), connects, cancellationToken).ConfigureAwait(false);
            await MarkAsync(stream, there, cancellationToken).ConfigureAwait(false);
            return there;
        }

        if (!reading.Acknowledges && _name is { } former)
        {
            // what it would still deliver to pulls of earlier would look like a gap
            await jetStream.DeleteConsumerAsync(reading.Stream, former, cancellationToken).ConfigureAwait(false);
        }

        var made = await jetStream.CreateConsumerAsync(reading.Stream, Settings(isSame, lowestOpen), cancellationToken)
            .ConfigureAwait(false);
        _name = made.Name;
        IsNew = true;
        var isByPlace = reading.From is NatsDeliverPolicy.BySequence or NatsDeliverPolicy.ByTime;       // found again as it was
        if (!isByPlace && (made.Pending == 0 || reading.From == NatsDeliverPolicy.New))
        {
            // nothing of before is to come: what comes from now on is not to be missed by a consumer that replaces this one
            Came((ulong)stream.State.LastSequence);
        }

        if (reading.Acknowledges) { await MarkAsync(stream, made, cancellationToken).ConfigureAwait(false); }
        return made;
    }

    /// <summary>Asks the server for it.</summary>
    /// <returns>False: there is none. True: there is one, or the server does not say.</returns>
    internal async Task<bool> IsThereAsync()
    {
        var connection = jetStream.Connection;
        if (_name is not { } name) { return true; }
        using var patience = new CancellationTokenSource(connection.AnswerWithin, connection.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.Leaving);
        try
        {
            return await jetStream.ConsumerAsync(reading.Stream, name, either.Token).ConfigureAwait(false) is not null;
        }
        catch (Exception e) when (e is JetStreamException or TransportException or OperationCanceledException)
        {
            return true;
        }
    }

    /// <summary>It is not read any more: one that is not durable is deleted, if that takes no time.</summary>
    internal async Task LeaveAsync()
    {
        if (reading.Durable is not null || _name is not { } name || jetStream.Connection.Failure is not null) { return; }
        try
        {
            await jetStream.DeleteConsumerAsync(reading.Stream, name, jetStream.Connection.Leaving).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JetStreamException or TransportException or OperationCanceledException)
        {
            // the server deletes it after a while
        }
    }

    private async Task MarkAsync(NatsStreamStatus stream, NatsConsumerStatus consumer, CancellationToken cancellationToken)
    {
        if (!JetFloor.IsMissing(jetStream.Connection.Server, stream, consumer)) { return; }
        await JetFloor.MarkAsync(jetStream.Connection, consumer.Config.FilterSubject!, cancellationToken).ConfigureAwait(false);
    }

    private NatsConsumerStatus Checked(NatsConsumerStatus there)
    {
        var isSame = (there.Config.FilterSubject ?? "") == (reading.Filter ?? "") && there.Config.AckPolicy == NatsAckPolicy.Explicit;
        return isSame ? there : throw new TransportException(
            $"expected the consumer '{there.Name}' of stream '{reading.Stream}' to read '{reading.Filter}' and to be acknowledged "
            + $"message by message, it reads '{there.Config.FilterSubject}': give one of them another name", isTransient: false);
    }

    private NatsConsumer Settings(bool goesOn, ulong lowestOpen)
    {
        // nothing that has come and was acknowledged comes again, and nothing that was not is lost; in order, what has come is kept
        var next = !goesOn || !_hasPlace ? 0 : reading.Acknowledges ? Math.Min(Last + 1, lowestOpen) : Last + 1;
        return new()
        {
            DurableName = reading.Durable,
            Name = reading.Durable,
            FilterSubject = reading.Filter,
            AckPolicy = reading.Acknowledges ? NatsAckPolicy.Explicit : NatsAckPolicy.None,
            DeliverPolicy = next > 0 ? NatsDeliverPolicy.BySequence : reading.From,
            StartSequence = next > 0 ? (long)next : reading.FromSequence,
            StartTime = next > 0 ? null : reading.FromTime,
            AckWait = reading.AckWait,
            MaxUnacknowledged = reading.Acknowledges ? Unbounded : 0,
            InactiveThreshold = reading.Durable is null ? reading.KeptFor : default,
        };
    }

    private const int Unbounded = -1;       // each reader pulls no more than it has space for
}
