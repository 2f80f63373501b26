namespace StreamLearn.Mqtt;

/// <summary>Deadlines of a connection in milliseconds, for pings and replies. Finds half-open connections within 1.5 keep-alives.</summary>
internal sealed class KeepAlive(SessionOptions options, SessionCounters counters)
{
    private long _since, _sent, _heard;
    private long _keepAlive;
    private long _pinged = -1;

    internal void Begin(long now, long since)
    {
        _sent = _heard = now;
        _since = since;
        _pinged = -1;
        _keepAlive = options.KeepAlive;
    }

    internal void Set(ushort seconds) => _keepAlive = seconds * 1000L;

    /// <summary><paramref name="isMoreLeft"/>: true if a request may still be unsent.</summary>
    internal void Sent(long now, bool isMoreLeft)
    {
        _sent = now;
        if (isMoreLeft && _pinged >= 0) { _pinged = now; }
    }

    internal void Heard(long now) => _heard = now;

    internal void Answered() => _pinged = -1;

    internal long Next(long now) => now + Math.Max(Math.Min(_keepAlive, options.ReplyDeadline) / 8, 1);

    internal bool Connecting(long now, out long due, out MqttFault fault)
    {
        fault = default;
        due = _since + options.ConnectDeadline;
        return now < due || Late("CONNACK", out fault);
    }

    /// <summary>Sends pings and checks for the answer. <paramref name="isReading"/>: false if no answer can arrive. <paramref name="due"/>:
    /// the latest time of the next call.</summary>
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

    /// <summary>Checks a reply's deadline. <paramref name="since"/>: null: none owed. <paramref name="due"/>: latest next call.</summary>
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
        fault = new(MqttReason.UnspecifiedError, $"expected {packet} in time, got nothing");
        return false;
    }
}
