using System.Net.Sockets;
using MQTTnet;
using MQTTnet.Exceptions;

namespace StreamLearn.Mqtt;

/// <summary>A message to be published. Its bytes are its own: MQTTnet may still write them when the caller has given up.</summary>
internal sealed class ClientPublication(MqttApplicationMessage message)
{
    internal MqttApplicationMessage Message => message;

    internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Fail(string reason, bool isTransient, Exception? cause = null) => Done.TrySetException(new TransportException(
        $"a message of {message.Payload.Length} bytes to '{message.Topic}' was not published: {reason}", isTransient, cause));
}

/// <summary>What is published and not confirmed, in the order of the calls. Under the gate.</summary>
/// <remarks>MQTTnet takes the connection's channel before it first waits, so inside the gate, where a new connection begins, too. So no
/// message goes over another connection than the one of its packet identifier.</remarks>
internal sealed class Publications(IMqttClient client, Lock gate, MqttNetOptions options)
{
    private readonly List<ClientPublication> _sent = [];
    private Queue<ClientPublication> _waiting = new();
    private int _limit;                                     // 0 while there is no connection
    private (long Published, long Unheard, long SentAgain, long Lost) _counts;

    internal (long Published, long Unheard, long SentAgain, long Lost, int InFlight, int Waiting) Counts =>
        (_counts.Published, _counts.Unheard, _counts.SentAgain, _counts.Lost, _sent.Count, _waiting.Count);

    internal async ValueTask PublishAsync(ClientPublication publication, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            _waiting.Enqueue(publication);
            Advance();
        }

        try
        {
            await publication.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested && publication.Done.TrySetCanceled(cancellationToken))
            {
                lock (gate) { _waiting = new(_waiting.Where(p => p != publication)); }
            }
        }
    }

    internal void Pause() => _limit = 0;

    /// <summary>There is a new connection: sends again what was not confirmed, in order, then what waits.</summary>
    internal void Resume(int limit)
    {
        if (options.PublishQos == 0) { _sent.ForEach(Lose); }
        ClientPublication[] again = [.. _sent.Where(static p => !p.Done.Task.IsCompleted)];
        _sent.Clear();
        _counts.SentAgain += again.Length;
        (_waiting, _limit) = (new([.. again, .. _waiting]), Math.Min(limit, options.PublishInFlight));
        Advance();
    }

    internal void End()
    {
        Pause();
        foreach (var publication in _sent.Concat(_waiting)) { publication.Fail("the transport has been disposed", isTransient: false); }
    }

    /// <summary>Whether a fault says no more than that the connection has ended: MQTTnet uses what is disposed, or null, by then.</summary>
    internal static bool IsOfConnection(Exception fault) => fault is MqttCommunicationException or OperationCanceledException
        or ObjectDisposedException or IOException or SocketException or NullReferenceException;

    private void Advance()
    {
        while (_sent.Count < _limit && _waiting.TryDequeue(out var next))
        {
            if (next.Done.Task.IsCompleted) { continue; }
            _sent.Add(next);
            _ = SendAsync(next);
        }
    }

    private async Task SendAsync(ClientPublication publication)
    {
        try
        {
            // no token: one that is canceled while it is written leaves half a packet in the stream
            var result = await client.PublishAsync(publication.Message, CancellationToken.None).ConfigureAwait(false);
            lock (gate) { Confirm(publication, result); }
        }
        catch (Exception fault) when (IsOfConnection(fault))
        {
            if (fault is MqttClientNotConnectedException) { Pause(); }      // thrown at once, inside the gate
            if (options.PublishQos > 0 || fault is MqttClientNotConnectedException) { return; }     // it is for the next connection
            lock (gate) { Lose(publication); }
        }
        catch (Exception fault)
        {
            publication.Fail(fault.Message, isTransient: false, fault);
        }

        lock (gate)
        {
            _sent.Remove(publication);
            Advance();
        }
    }

    private void Confirm(ClientPublication publication, MqttClientPublishResult result)
    {
        var code = result.ReasonCode;
        if (!result.IsSuccess)
        {
            var isTransient = code is MqttClientPublishReasonCode.QuotaExceeded or MqttClientPublishReasonCode.UnspecifiedError;
            publication.Fail($"the server refused it: {code}", isTransient);
        }
        else if (publication.Done.TrySetResult())
        {
            _counts.Published++;
            _counts.Unheard += code == MqttClientPublishReasonCode.NoMatchingSubscribers ? 1 : 0;
        }
    }

    private void Lose(ClientPublication publication) => _counts.Lost += publication.Done.TrySetResult() ? 1 : 0;
}
