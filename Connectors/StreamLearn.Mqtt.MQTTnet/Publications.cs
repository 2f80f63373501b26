using System.Net.Sockets;

namespace StreamLearn.Mqtt;

/// <summary>A publication that owns its bytes, because MQTTnet may write them after the caller stopped waiting.</summary>
internal sealed class ClientPublication(MqttApplicationMessage message)
    : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal MqttApplicationMessage Message => message;

    internal bool Fail(string reason, bool isTransient = false, Exception? cause = null) => TrySetException(new TransportException(
        $"a message of {message.Payload.Length} bytes to '{message.Topic}' was not published: {reason}", isTransient, cause));
}

/// <summary>Unconfirmed publications in call order. Under the gate.</summary>
/// <remarks>MQTTnet takes the channel before its first await, so inside the gate: no message uses another connection's
/// identifier.</remarks>
internal sealed class Publications(IMqttClient client, Lock gate, MqttNetOptions options)
{
    private readonly List<ClientPublication> _sent = [];
    private Queue<ClientPublication> _waiting = new();
    private int _limit;                                     // 0 while disconnected
    private bool _hasEnded, _isAdvancing;
    private (long Published, long WithoutSubscriber, long SentAgain, long Lost) _counts;

    internal ((long Published, long WithoutSubscriber, long SentAgain, long Lost) Counts, int InFlight, int Waiting) Status =>
        (_counts, _sent.Count, _waiting.Count);

    internal async ValueTask PublishAsync(ClientPublication publication, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            _waiting.Enqueue(publication);
            if (_hasEnded) { End(); }                       // it had to wait for a subscription
            Advance();
        }

        using var registration = cancellationToken.UnsafeRegister((p, stop) => GiveUp((ClientPublication)p!, stop), publication);
        await publication.Task.ConfigureAwait(false);
    }

    internal void Pause() => _limit = 0;

    /// <summary>Resends unconfirmed messages in order, then queued ones. Called for a new connection.</summary>
    internal void Resume(int limit)
    {
        if (options.PublishQos == 0) { _sent.ForEach(Lose); }
        ClientPublication[] again = [.. _sent.Where(static p => !p.Task.IsCompleted)];
        _sent.Clear();
        _counts.SentAgain += again.Length;
        (_waiting, _limit) = (new([.. again, .. _waiting]), Math.Min(limit, options.PublishInFlight));
        Advance();
    }

    internal void End()
    {
        _hasEnded = true;
        foreach (var publication in _sent.Concat(_waiting)) { publication.Fail("the transport has been disposed"); }
        _sent.Clear();
        _waiting.Clear();
    }

    /// <summary>Returns true for a simple loss of the connection, when MQTTnet uses disposed objects or null.</summary>
    internal static bool IsOfConnection(Exception fault) => fault is MqttCommunicationException or OperationCanceledException
        or ObjectDisposedException or IOException or SocketException or NullReferenceException;

    private void GiveUp(ClientPublication publication, CancellationToken stop)
    {
        publication.TrySetCanceled(stop);
        lock (gate) { _waiting = new(_waiting.Where(p => p != publication)); }
    }

    private void Advance()
    {
        if (_isAdvancing) { return; }                       // one completed at once; the loop below handles it
        _isAdvancing = true;
        while (_sent.Count < _limit && _waiting.TryDequeue(out var next))
        {
            if (next.Task.IsCompleted) { continue; }
            _sent.Add(next);
            _ = SendAsync(next);
        }

        _isAdvancing = false;
    }

    private async Task SendAsync(ClientPublication publication)
    {
        try
        {
            // without a token, because canceling a write leaves half a packet in the stream
            var result = await client.PublishAsync(publication.Message, CancellationToken.None).ConfigureAwait(false);
            var code = result.ReasonCode;
            var isTransient = code is MqttClientPublishReasonCode.QuotaExceeded or MqttClientPublishReasonCode.UnspecifiedError;
            lock (gate)                                     // counted before the waiting caller continues
            {
                if (!result.IsSuccess) { publication.Fail($"the server refused it: {code}", isTransient); }
                else if (publication.TrySetResult())
                {
                    _counts.Published++;
                    _counts.WithoutSubscriber += code == MqttClientPublishReasonCode.NoMatchingSubscribers ? 1 : 0;
                }
            }
        }
        catch (Exception fault) when (IsOfConnection(fault))
        {
            if (fault is MqttClientNotConnectedException) { Pause(); }      // thrown immediately, while the gate is held: nothing was sent
            if (fault is MqttClientNotConnectedException || options.PublishQos > 0) { return; }     // it is kept for the next connection
            lock (gate) { Lose(publication); }
        }
        catch (Exception fault) { publication.Fail(fault.Message, isTransient: false, fault); }

        lock (gate)
        {
            _sent.Remove(publication);
            Advance();
        }
    }

    private void Lose(ClientPublication publication) => _counts.Lost += publication.TrySetResult() ? 1 : 0;
}
