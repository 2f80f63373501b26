using ClientHeaders = NATS.Client.Core.NatsHeaders;

namespace StreamLearn.Nats;

/// <summary>The unconfirmed stream messages of a subject in order of the calls. Use it while holding the link's lock.</summary>
internal sealed class JetLane
{
    internal JetPublication? First { get; private set; }

    internal JetPublication? Next { get; set; }

    /// <summary>True after a temporary refusal: only the first message is sent until one is accepted.</summary>
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

    internal List<JetPublication> All()
    {
        List<JetPublication> all = [];
        for (var publication = First; publication is not null; publication = publication.After) { all.Add(publication); }
        return all;
    }
}

/// <summary>Call it while holding the link's lock.</summary>
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

    internal JetPublication? Before { get; set; }

    internal JetPublication? After { get; set; }

    /// <summary>Access to the payload of the last send; null: not sent.</summary>
    internal PayloadLease? Lease { get; private set; }

    /// <summary>Time of the last send in milliseconds of the link; −1: not sent.</summary>
    internal long SentAt { get; private set; } = -1;

    /// <summary>Earliest time of the next send, in milliseconds of the link.</summary>
    internal long NotBefore { get; private set; }

    internal bool IsOpen { get; private set; } = true;

    internal bool IsUnanswered => _unansweredSince >= 0;

    /// <summary>Lets a token cancel the wait. Called without holding the lock.</summary>
    internal void EndsWith(Action<JetPublication, CancellationToken> cancel, CancellationToken token)
    {
        if (!token.CanBeCanceled) { return; }
        _given = token.UnsafeRegister((_, canceled) => cancel(this, canceled), null);
        if (!IsOpen) { _given.Dispose(); }
    }

    internal long Unanswered(long now)
    {
        if (_unansweredSince < 0) { _unansweredSince = now; }
        return now - _unansweredSince;
    }

    internal NatsPayload Begin(long now)
    {
        (SentAt, Lease) = (now, new());
        return payload with { Lease = Lease };
    }

    internal void Again(long notBefore)
    {
        Lease?.End();
        (SentAt, NotBefore) = (-1, notBefore);
    }

    internal void AgainElsewhere()
    {
        Again(notBefore: 0);
        _unansweredSince = -1;
    }

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
