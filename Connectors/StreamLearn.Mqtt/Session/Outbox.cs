using System.Buffers;

namespace StreamLearn.Mqtt;

/// <summary>Queued and unacknowledged publications, in the order of the calls. A resumed session resends unacknowledged ones in that
/// order [MQTT-4.4.0-1, MQTT-4.6.0-1].</summary>
internal sealed class Outbox(SessionOptions options, SessionCounters counters)
{
    private const int MaxUnsentBytes = 256 * 1024;
    private const long RefusalMilliseconds = 1000;      // a server that refuses a message disconnects quickly; a slow link fails later
    private const int MaxEndings = 6;           // the first may be caused by another message; at the others, it was sent alone

    private readonly WaitingPublications _waiting = new();
    private readonly SentPublications _inFlight = new(options.PublishInFlight);
    private readonly HashSet<ushort> _released = [];      // identifiers of an earlier start whose PUBREL is not confirmed
    private readonly TopicAliases _aliases = new(options);
    private Publication? _due;          // the oldest message to send again
    private int _used;                  // how much of the send quota this connection uses
    private int _quota;
    private ServerLimits _limits = ServerLimits.None;
    private long _progress;
    private long _firstSent;            // when this connection first sent
    private bool _isAnswering;          // the server has answered on this connection
    private bool _hasBegun;
    private bool _mayBeLeft;            // the server may have messages of a killed program with this session

    internal int InFlight => _inFlight.Count;

    internal int Waiting => _waiting.Count;

    /// <summary>The server's limit on packet size in bytes; null: no limit.</summary>
    internal long? MaxPacketBytes => _limits.MaximumPacketBytes < uint.MaxValue ? _limits.MaximumPacketBytes : null;

    internal int Credit => Math.Max(_quota - _used, 0);

    /// <summary>Time since which an answer of the server is overdue; null if none is expected.</summary>
    internal long? OwedSince => _used > 0 || (_inFlight.Count > 0 && _quota > 0) ? _progress : null;

    /// <summary>True while the oldest message is sent alone, because a connection ended when it was sent.</summary>
    private bool IsAlone => _inFlight.First is { Endings: > 0 };

    internal void Begin(bool sessionPresent, in ServerLimits limits, long now)
    {
        _limits = limits;
        _quota = Math.Min(options.PublishInFlight, limits.ReceiveMaximum);
        _used = 0;
        _progress = now;
        _isAnswering = false;
        _aliases.Begin(limits);
        _mayBeLeft = sessionPresent && (!_hasBegun || _mayBeLeft || _released.Count > 0);
        _hasBegun = true;
        _released.Clear();
        for (var one = _inFlight.First; one is not null; one = one.Later)
        {
            one.UsesQuota = false;
            one.IsDue = true;
            // without the session, the server's record of the message is gone
            if (!sessionPresent) { one.State = PublicationState.Waiting; }
        }

        _due = _inFlight.First;
    }

    internal void Lost() => _quota = 0;

    /// <summary>The server disconnected, which is 3.1.1's only way to refuse a message. After several connections, the message is refused,
    /// so it does not block later ones.</summary>
    internal void Ended(long now, bool isOfMessage)
    {
        if (_quota == 0 || _isAnswering || _inFlight.First is not { State: PublicationState.Sent, IsDue: false } first) { return; }
        _quota = 0;
        if (!isOfMessage && now - _firstSent > RefusalMilliseconds) { return; }
        if (++first.Endings < MaxEndings) { return; }
        _inFlight.Remove(first);
        first.Drop(first.Unanswered());
    }

    /// <summary>Restarts the wait for answers, because none is expected before messages are sent.</summary>
    internal void Sending(long now) => _progress = now;

    internal void Fail(TransportException failure)
    {
        while (_waiting.TryTake(out var one)) { one!.Drop(failure); }
        while (_inFlight.First is { } one)
        {
            _inFlight.Remove(one);
            one.Drop(failure);
        }
    }

    internal bool IsInUse(ushort packetId) => _inFlight.IsInUse(packetId);

    /// <summary>Returns true if QoS 0 messages can bypass the queue.</summary>
    internal bool IsOpen(OutputBuffer output) =>
        _quota > 0 && _waiting.Count == 0 && _due is null && !IsAlone && output.Count < MaxUnsentBytes;

    /// <summary>Bypasses the queue, if the server allows the message.</summary>
    internal bool TryWrite(
        string topic, ReadOnlySpan<byte> topicBytes, in ReadOnlySequence<byte> payload, in PublishTerms terms, OutputBuffer output)
    {
        var packet = terms.Packet(topicBytes, payload);
        if (_limits.Refusal(options.Version, packet) is not null) { return false; }
        PacketWriter.Publish(output, options.Version, _aliases.Applied(packet, topic), packetId: 0, duplicate: false);
        counters.Published++;
        return true;
    }

    internal void Add(Publication publication) => _waiting.Add(publication);

    internal void Pump(OutputBuffer output, Func<ushort, bool> isTaken, long now)
    {
        while (_due is { } due && output.Count < MaxUnsentBytes && _quota > 0)
        {
            if (due.State == PublicationState.Recorded) { PacketWriter.Ack(output, options.Version, PacketType.PubRel, due.PacketId); }
            else
            {
                var packet = due.Packet;
                if (_limits.Refusal(options.Version, packet) is { } refusal)
                {
                    _due = due.Later;
                    _inFlight.Remove(due);
                    due.Drop(refusal);                // the server's limit is lower than before
                    continue;
                }

                if (_used >= (IsAlone ? 1 : _quota)) { return; }
                Send(due, packet, output, duplicate: due.State == PublicationState.Sent, now);
            }

            counters.RedeliveriesOut++;
            due.IsDue = false;
            _due = due.Later;
        }

        while (_due is null && _quota > 0 && !IsAlone && output.Count < MaxUnsentBytes && _waiting.TryPeek(out var next))
        {
            if (next!.Qos > 0 && (_used >= _quota || _inFlight.Count >= options.PublishInFlight)) { return; }
            _waiting.TryTake(out _);
            var packet = next.Packet;
            if (_limits.Refusal(options.Version, packet) is { } refusal) { next.Drop(refusal); }
            else if (next.Qos == 0)
            {
                Write(next, packet, output, duplicate: false);
                counters.Published++;
                next.Drop(failure: null);
            }
            else
            {
                _inFlight.Add(next, isTaken);
                if (_mayBeLeft && next.Qos == 2) { ReleaseLeft(next.PacketId, output); }
                Send(next, packet, output, duplicate: false, now);
            }
        }
    }

    internal bool Answer(PacketType type, in AckPacket packet, OutputBuffer output, long now, out MqttFault fault)
    {
        fault = default;
        if (type == PacketType.PubComp && _released.Remove(packet.PacketId)) { return true; }
        var known = _inFlight.TryFind(packet.PacketId, out var one) && one!.State != PublicationState.Waiting;
        if (type == PacketType.PubRec && (!known || one!.Qos != 2))
        {
            if (known) { return Wrong(type, packet.PacketId, out fault); }
            return packet.Reason >= MqttReason.UnspecifiedError
                || output.TryAnswer(options.Version, PacketType.PubRel, packet.PacketId, MqttReason.PacketIdentifierNotFound, out fault);
        }

        if (!known) { return true; }                    // an answer to a message that is confirmed or not sent
        if (one!.Qos != (type == PacketType.PubAck ? 1 : 2) || (one.State == PublicationState.Sent && type == PacketType.PubComp))
        {
            return Wrong(type, packet.PacketId, out fault);
        }

        if (one.IsProgress(type)) { _progress = now; }
        _isAnswering = true;
        _inFlight.First!.Endings = 0;
        if (packet.Reason == MqttReason.NoMatchingSubscribers) { counters.WithoutSubscriber++; }
        if (type == PacketType.PubRec && packet.Reason < MqttReason.UnspecifiedError)
        {
            one.State = PublicationState.Recorded;
            return output.TryAnswer(options.Version, PacketType.PubRel, packet.PacketId, MqttReason.Success, out fault);
        }

        if (one.UsesQuota) { _used--; }
        if (_due == one) { _due = one.Later; }
        _inFlight.Remove(one);
        var isRefused = packet.Reason >= MqttReason.UnspecifiedError && type != PacketType.PubComp;
        if (!isRefused) { counters.Published++; }
        one.Drop(isRefused ? one.Refused(packet.Reason) : null);
        return true;
    }

    /// <summary>Releases messages of a killed program: they use the client's quota, and mosquitto drops the excess.</summary>
    private void ReleaseLeft(ushort own, OutputBuffer output)
    {
        _mayBeLeft = false;
        for (var id = 1; id <= _inFlight.Ids; id++)
        {
            if (id != own && _inFlight.IsInUse((ushort)id)) { continue; }
            PacketWriter.Ack(output, options.Version, PacketType.PubRel, (ushort)id);
            _released.Add((ushort)id);
        }
    }

    private static bool Wrong(PacketType type, ushort packetId, out MqttFault fault)
    {
        fault = new(MqttReason.ProtocolError, $"expected another answer than {type} for packet {packetId}");
        return false;
    }

    private void Send(Publication one, in OutgoingPublish packet, OutputBuffer output, bool duplicate, long now)
    {
        if (_used++ == 0) { (_progress, _firstSent) = (now, now); }
        one.UsesQuota = true;
        one.State = PublicationState.Sent;
        Write(one, packet, output, duplicate);
    }

    private void Write(Publication one, in OutgoingPublish packet, OutputBuffer output, bool duplicate) =>
        PacketWriter.Publish(output, options.Version, _aliases.Applied(packet, one.TopicText), one.PacketId, duplicate);
}
