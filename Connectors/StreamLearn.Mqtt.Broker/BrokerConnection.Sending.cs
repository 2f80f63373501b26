using System.Buffers;
using System.Net.Sockets;
using MQTTnet.Packets;

namespace StreamLearn.Mqtt;

internal sealed partial class BrokerConnection
{
    /// <summary>Call it while holding the gate.</summary>
    private void Pump()
    {
        if (_pumps || _isClosed) { return; }
        _pumps = true;
        _pump = Task.Run(PumpAsync);
    }

    private async Task PumpAsync()
    {
        var buffer = new ArrayBufferWriter<byte>(BatchBytes >> 4);
        var isDone = false;
        try
        {
            while (TryFill())
            {
                foreach (var packet in _batch)
                {
                    var bytes = PacketFormatterAdapter.Encode(packet);
                    if (IsTooLarge(packet, bytes.Length)) { continue; }
                    buffer.Write(bytes.Packet);
                    if (bytes.Payload.Length <= SmallBytes) { WriteAll(buffer, bytes.Payload); }
                    PacketFormatterAdapter.Cleanup();
                    if (bytes.Payload.Length <= SmallBytes && buffer.WrittenCount < BatchBytes) { continue; }
                    await FlushAsync(buffer).ConfigureAwait(false);
                    if (bytes.Payload.Length <= SmallBytes) { continue; }
                    foreach (var segment in bytes.Payload) { await _stream.WriteAsync(segment).ConfigureAwait(false); }
                }

                await FlushAsync(buffer).ConfigureAwait(false);
                Settle();
            }

            isDone = true;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException
            or InvalidOperationException)
        {
            // the connection has ended, which its reader notices
        }
        finally
        {
            if (!isDone) { Close(); }
        }
    }

    /// <summary>Above the client's current limit, queued under a larger one. MQTTnet keeps such a message until the session ends.</summary>
    private bool IsTooLarge(MqttPacket packet, long bytes)
    {
        if (packet is not MqttPublishPacket message || bytes <= MaxPacketBytes) { return false; }
        PacketFormatterAdapter.Cleanup();
        _counts.Drop(1);
        lock (_gate) { _inFlight.Remove(message.PacketIdentifier); }
        return true;
    }

    /// <summary>Adds replies first, then messages within the receive maximum.</summary>
    private bool TryFill()
    {
        lock (_gate)
        {
            _batch.Clear();
            while (_batch.Count < MaxBatch && _answers.TryDequeue(out var answer)) { _batch.Add(answer); }
            while (_batch.Count < MaxBatch && _messages.TryPeek(out var message))
            {
                if (message.QualityOfServiceLevel > 0)
                {
                    if (_inFlight.Count >= _receiveMaximum) { break; }
                    _inFlight.Add(message.PacketIdentifier);
                }

                _batch.Add(_messages.Dequeue());
            }

            _pumps = _batch.Count > 0 && !_isClosed;
            return _pumps;
        }
    }

    private void Settle()
    {
        var answers = 0;
        foreach (var packet in _batch)
        {
            if (packet is not MqttPublishPacket message) { answers++; }
            else if (message.QualityOfServiceLevel == 0 && Session is { } session) { _sessions.Release(session.ClientId, message); }
        }

        if (answers == 0) { return; }
        lock (_gate)
        {
            _owed = Math.Max(0, _owed - answers);
            if (_owed >= MaxOwed) { return; }
            _answered?.TrySetResult();
            _answered = null;
        }
    }

    private async ValueTask FlushAsync(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.WrittenCount == 0) { return; }
        await _stream.WriteAsync(buffer.WrittenMemory).ConfigureAwait(false);
        BytesSent += buffer.WrittenCount;
        buffer.ResetWrittenCount();
    }

    private static void WriteAll(ArrayBufferWriter<byte> buffer, in ReadOnlySequence<byte> payload)
    {
        foreach (var segment in payload) { buffer.Write(segment.Span); }
    }
}
