using System.Security.Cryptography;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>The consumer of a reader. If it is missing, it is recreated at the reader's position. Used by one task at a time.</summary>
internal sealed class JetConsumer(NatsLink link, NatsApi api, JetReading reading, NatsInbox inbox, Func<CancellationToken, Task> ensure)
{
    private readonly JetOrphans _orphans = new(link, api, reading, inbox);
    private string? _name = reading.Consumer.DurableName;
    private DateTimeOffset _created;        // creation time of the stream
    private long _last;
    private bool _hasPlace;         // everything up to Last was received or is not read

    internal bool IsNew { get; private set; }

    internal TimeSpan DuplicateWindow { get; private set; }

    internal ulong Last => (ulong)Volatile.Read(ref _last);

    internal void Came(ulong sequence)
    {
        if (sequence > Last) { Volatile.Write(ref _last, (long)sequence); }
        _hasPlace = true;
    }

    /// <summary><paramref name="connects"/>: connection number. <paramref name="lowestOpen"/>: lowest unacknowledged number.</summary>
    /// <exception cref="TransportException">There is another consumer with the same name.</exception>
    internal async Task<ConsumerInfo> SetAsync(long connects, ulong lowestOpen, CancellationToken cancellationToken)
    {
        var stream = await StreamAsync(cancellationToken).ConfigureAwait(false);
        if (_created != default && _created != stream.Created) { (_last, _hasPlace) = (0, false); }     // another stream
        var isSame = _created == stream.Created;
        if (stream.State.LastSeq < Last) { Volatile.Write(ref _last, (long)stream.State.LastSeq); }     // the stream reuses numbers
        (_created, DuplicateWindow) = (stream.Created, stream.Config.DuplicateWindow);
        IsNew = false;
        if (reading.Acknowledges && _name is { } name
            && await api.ConsumerAsync(reading.Stream, name, cancellationToken).ConfigureAwait(false) is { } there)
        {
            await _orphans.AcknowledgeAsync(stream, Checked(there), connects, cancellationToken).ConfigureAwait(false);
            await MarkAsync(stream, there).ConfigureAwait(false);
            return there;
        }

        if (!reading.Acknowledges && _name is { } former)
        {
            // its deliveries to earlier pulls would look like a gap
            await api.DeleteConsumerAsync(reading.Stream, former, cancellationToken).ConfigureAwait(false);
        }

        var made = await api.CreateConsumerAsync(reading.Stream, Settings(isSame, lowestOpen), cancellationToken).ConfigureAwait(false);
        _name = made.Name;
        IsNew = true;
        var policy = reading.Consumer.DeliverPolicy;
        var isByPlace = policy is ConsumerConfigDeliverPolicy.ByStartSequence or ConsumerConfigDeliverPolicy.ByStartTime;
        if (!isByPlace && (made.NumPending == 0 || policy == ConsumerConfigDeliverPolicy.New))
        {
            // earlier messages are not wanted; a replacement consumer must not miss later ones
            Came(stream.State.LastSeq);
        }

        if (reading.Acknowledges) { await MarkAsync(stream, made).ConfigureAwait(false); }
        return made;
    }

    private async Task<StreamInfo> StreamAsync(CancellationToken cancellationToken)
    {
        if (_created != default)
        {
            if (await api.StreamAsync(reading.Stream, cancellationToken).ConfigureAwait(false) is { } there) { return there; }
            // the one who deleted it may be recreating it, and all readers arrive here at once
            link.Note($"the stream '{reading.Stream}' was deleted: creating it again");
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1000, 2000)), link.Time, cancellationToken)
                .ConfigureAwait(false);
        }

        await ensure(cancellationToken).ConfigureAwait(false);
        return await api.StreamAsync(reading.Stream, cancellationToken).ConfigureAwait(false)
            ?? throw new TransportException($"expected a stream '{reading.Stream}', got none", isTransient: true);
    }

    /// <summary>Queries the consumer, so the server forgets ended pulls.</summary>
    internal async Task ForgetPullsAsync()
    {
        if (_name is { } name) { await TryAsync(token => api.ConsumerAsync(reading.Stream, name, token)).ConfigureAwait(false); }
    }

    /// <summary>Deletes a nondurable consumer if that is quick; otherwise the server deletes it later.</summary>
    internal async Task LeaveAsync()
    {
        if (reading.Consumer.DurableName is null && _name is { } name)
        {
            await TryAsync(token => api.DeleteConsumerAsync(reading.Stream, name, token)).ConfigureAwait(false);
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> ask)
    {
        using var patience = new CancellationTokenSource(link.AnswerWithin, link.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, link.Leaving);
        try { await ask(either.Token).ConfigureAwait(false); }
        catch (Exception e) when (e is NatsException or TransportException or OperationCanceledException) { link.Note(e.Message); }
    }

    private async Task MarkAsync(StreamInfo stream, ConsumerInfo consumer)
    {
        if (!JetAckMark.IsMissing(link.Server, stream, consumer)) { return; }
        await JetAckMark.MarkAsync(link, consumer.Config.FilterSubject!).ConfigureAwait(false);
    }

    private ConsumerInfo Checked(ConsumerInfo there)
    {
        var isSame = there.Config.FilterSubject == reading.Filter && there.Config.AckPolicy == ConsumerConfigAckPolicy.Explicit;
        return isSame ? there : throw new TransportException(
            $"expected the consumer '{there.Name}' of stream '{reading.Stream}' to read '{reading.Filter}' with explicit acknowledgment, "
            + $"but it reads '{there.Config.FilterSubject}': rename one of them", isTransient: false);
    }

    private ConsumerConfig Settings(bool goesOn, ulong lowestOpen)
    {
        // acknowledged messages are not repeated, others are not lost; an ordered reader keeps what it received
        var next = !goesOn || !_hasPlace ? 0 : reading.Acknowledges ? Math.Min(Last + 1, lowestOpen) : Last + 1;
        var settings = reading.Consumer with { Name = reading.Consumer.DurableName ?? Nuid.NewNuid() };
        return next == 0 ? settings : settings with
        {
            DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence,
            OptStartSeq = next,
            OptStartTime = default,
        };
    }
}
