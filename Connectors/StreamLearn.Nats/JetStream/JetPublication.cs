using ClientHeaders = NATS.Client.Core.NatsHeaders;

namespace StreamLearn.Nats;

/// <summary>The messages of a subject that are on their way into a stream, in the order of the calls. Locked by the link.</summary>
internal sealed class JetLane
{
    internal JetPublication? First { get; private set; }

    /// <summary>None before it is to be sent; null: none at all.</summary>
    internal JetPublication? Next { get; set; }

    /// <summary>True if a stream refused one for the moment: until it takes one, only the first is sent.</summary>
    internal bool IsCautious { get; set; }

    private JetPublication? Last { get; set; }

    internal void Append(JetPublication publication)
    {
        publication.Before = Last;
        if (Last is null) { First = publication; }
        else { Last.After = publication; }
        Last = publication;
        Next ??= publication;
    }

    internal void Remove(JetPublication publication)
    {
        var (before, after) = (publication.Before, publication.After);
        if (before is null) { First = after; }
        else { before.After = after; }
        if (after is null) { Last = before; }
        else { after.Before = before; }
        if (Next == publication) { Next = after; }
        publication.Before = publication.After = null;
    }

    /// <summary>All of it, as it is now.</summary>
    internal List<JetPublication> All()
    {
        List<JetPublication> all = [];
        for (var publication = First; publication is not null; publication = publication.After) { all.Add(publication); }
        return all;
    }
}

/// <summary>A message on its way into a stream. Locked by the link.</summary>
internal sealed class JetPublication(long id, string subject, ClientHeaders headers, NatsPayload payload)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _given;
    private long _unansweredSince = -1;

    internal long Id => id;

    internal string Subject => subject;

    internal ClientHeaders Headers => headers;

    internal NatsPayload Payload => payload;

    internal Task Task => _done.Task;

    /// <summary>Those next to it in its lane.</summary>
    internal JetPublication? Before { get; set; }

    /// <inheritdoc cref="Before" />
    internal JetPublication? After { get; set; }

    /// <summary>How long its memory may be read for the last time that it was sent; null: it was not.</summary>
    internal PayloadLease? Lease { get; private set; }

    /// <summary>When it was sent last, milliseconds of the link; −1: it is to be sent.</summary>
    internal long SentAt { get; private set; } = -1;

    /// <summary>Not before, milliseconds of the link.</summary>
    internal long NotBefore { get; private set; }

    /// <summary>True until it has its result.</summary>
    internal bool IsOpen { get; private set; } = true;

    /// <summary>True if nobody was there to answer.</summary>
    internal bool IsUnanswered => _unansweredSince >= 0;

    /// <summary>Lets a token end the wait. Not locked.</summary>
    internal void EndsWith(Action<JetPublication, CancellationToken> cancel, CancellationToken token)
    {
        if (!token.CanBeCanceled) { return; }
        _given = token.UnsafeRegister((_, canceled) => cancel(this, canceled), null);
        if (!IsOpen) { _given.Dispose(); }
    }

    /// <summary>Nobody was there to answer.</summary>
    internal long Unanswered(long now)
    {
        if (_unansweredSince < 0) { _unansweredSince = now; }
        return now - _unansweredSince;
    }

    /// <summary>It is sent.</summary>
    internal NatsPayload Begin(long now)
    {
        (SentAt, Lease) = (now, new());
        return payload with { Lease = Lease };
    }

    /// <summary>It is to be sent again.</summary>
    internal void Again(long notBefore)
    {
        Lease?.End();
        (SentAt, NotBefore) = (-1, notBefore);
    }

    /// <summary>It is to be sent again, to a server that has not answered it yet.</summary>
    internal void AgainElsewhere()
    {
        Again(notBefore: 0);
        _unansweredSince = -1;
    }

    /// <summary>It has its result.</summary>
    internal void End(Exception? failure)
    {
        IsOpen = false;
        Lease?.End();
        if (failure is null) { _done.TrySetResult(); }
        else if (failure is OperationCanceledException canceled) { _done.TrySetCanceled(canceled.CancellationToken); }
        else { _done.TrySetException(failure); }
        _given.Unregister();
    }
}
