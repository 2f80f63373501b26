using ClientHeaders = NATS.Client.Core.NatsHeaders;

namespace StreamLearn.Nats;

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

    /// <summary>When it was sent last, milliseconds of the link; −1: it is to be sent.</summary>
    internal long SentAt { get; set; } = -1;

    /// <summary>Not before, milliseconds of the link.</summary>
    internal long NotBefore { get; set; }

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
    /// <returns>For how long, milliseconds.</returns>
    internal long Unanswered(long now)
    {
        if (_unansweredSince < 0) { _unansweredSince = now; }
        return now - _unansweredSince;
    }

    /// <summary>It is to be sent again, to a server that has not answered it yet.</summary>
    internal void AgainElsewhere() => (SentAt, NotBefore, _unansweredSince) = (-1, 0, -1);

    internal void Done()
    {
        IsOpen = false;
        _done.TrySetResult();
        _given.Unregister();
    }

    internal void Fail(Exception failure)
    {
        IsOpen = false;
        if (failure is OperationCanceledException canceled) { _done.TrySetCanceled(canceled.CancellationToken); }
        else { _done.TrySetException(failure); }
        _given.Unregister();
    }
}
