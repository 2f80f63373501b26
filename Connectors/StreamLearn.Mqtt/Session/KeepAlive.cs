namespace StreamLearn.Mqtt;

/// <summary>
/// The times of a connection, in milliseconds: when something has to be sent so that the server does not leave, and until when the server
/// has to have answered. What is half open is found within one and a half times the keep-alive.
/// </summary>
internal sealed class KeepAlive(SessionOptions options, SessionCounters counters)
{
    private long _since, _sent, _heard;
    private long _keepAlive;
    private long _pinged = -1;

    /// <summary>A connection begins.</summary>
    internal void Begin(long now, long since)
    {
        _sent = _heard = now;
        _since = since;
        _pinged = -1;
        _keepAlive = options.KeepAlive;
    }

    /// <summary>The server says what it wants instead of what was offered.</summary>
    internal void Set(ushort seconds) => _keepAlive = seconds * 1000L;

    /// <summary>Bytes have been sent. <paramref name="isMoreLeft"/> true: what asks for an answer may still be after them.</summary>
    internal void Sent(long now, bool isMoreLeft)
    {
        _sent = now;
        if (isMoreLeft && _pinged >= 0) { _pinged = now; }
    }

    /// <summary>Bytes have come.</summary>
    internal void Heard(long now) => _heard = now;

    /// <summary>PINGRESP has come.</summary>
    internal void Answered() => _pinged = -1;

    /// <summary>When to look again if nothing else is due.</summary>
    internal long Next(long now) => now + Math.Max(Math.Min(_keepAlive, options.ReplyDeadline) / 8, 1);

    /// <summary>CONNACK is expected.</summary>
    internal bool Connecting(long now, out long due, out MqttFault fault)
    {
        fault = default;
        due = _since + options.ConnectDeadline;
        return now < due || Late("CONNACK", out fault);
    }

    /// <summary>Pings when it is time, and looks for the answer. <paramref name="isReading"/>: false while nothing is read: no answer can
    /// come. <paramref name="due"/>: when to be called next, at the latest.</summary>
    internal bool Tick(OutputBuffer output, long now, bool isReading, ref long due, out MqttFault fault)
    {
        fault = default;
        if (!isReading) { _heard = Math.Max(_heard, now - (_keepAlive / 2)); }
        var pingAt = Math.Min(_sent, Math.Max(_heard, _pinged)) + (_keepAlive * 3 / 4);
        if (now >= pingAt)
        {
            PacketWriter.Ping(output, PacketType.PingReq);
            if (!isReading) { counters.SuspendedPings++; }
            else if (_pinged < 0) { _pinged = now; }
            _sent = now;
            pingAt = now + (_keepAlive * 3 / 4);
        }

        due = Math.Min(due, pingAt);
        if (!isReading) { _pinged = -1; }
        if (_pinged < 0) { return true; }
        var answerAt = Math.Max(_pinged, _heard) + (_keepAlive / 2);
        if (now >= answerAt) { return Late("PINGRESP", out fault); }
        due = Math.Min(due, answerAt);
        return true;
    }

    /// <summary>Looks for an answer. <paramref name="since"/>: since when the server owes it; null: it owes none. <paramref name="due"/>:
    /// when to be called next, at the latest.</summary>
    internal bool Owed(long? since, string packet, long now, ref long due, out MqttFault fault)
    {
        fault = default;
        if (since is not { } from) { return true; }
        if (now - from >= options.ReplyDeadline) { return Late(packet, out fault); }
        due = Math.Min(due, from + options.ReplyDeadline);
        return true;
    }

    private static bool Late(string packet, out MqttFault fault)
    {
        fault = new(MqttReason.UnspecifiedError, $"expected {packet} in time, nothing came");
        return false;
    }
}
