using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>What a reader asks a consumer for: as many messages as there is space for. Locked by its connection.</summary>
internal sealed class JetPulls(NatsConnection connection, JetReading reading, JetInbox inbox)
{
    private const int MaxRequest = 160, MaxAround = 64 << 10;
    private static readonly TimeSpan Expires = TimeSpan.FromSeconds(30);
    private byte[] _inbox = [];             // where they are answered; another one each time that the consumer is set up
    private byte[] _next = [];              // where they go
    private bool _hasStopped;

    /// <summary>True if there is a consumer to ask.</summary>
    internal bool IsReady { get; private set; }

    /// <summary>Messages that were asked for and have not come.</summary>
    internal long Outstanding { get; private set; }

    /// <summary>True if they go there.</summary>
    internal bool AreTo(ReadOnlySpan<byte> subject) => _next.AsSpan().SequenceEqual(subject);

    /// <summary>True if they are answered there.</summary>
    internal bool AreAnsweredAt(ReadOnlySpan<byte> subject) => _inbox.AsSpan().SequenceEqual(subject);

    /// <summary>There is a consumer, of which nothing is asked yet.</summary>
    internal void Begin(NatsConsumerStatus consumer, byte[] inbox)
    {
        (_inbox, IsReady, Outstanding) = (inbox, true, 0);
        _next = Encoding.UTF8.GetBytes($"$JS.API.CONSUMER.MSG.NEXT.{consumer.Stream}.{consumer.Name}");
    }

    /// <summary>There is none any more.</summary>
    internal void End() => (IsReady, Outstanding) = (false, 0);

    /// <summary>Nothing is asked for any more.</summary>
    internal void Stop() => _hasStopped = true;

    /// <summary>Some will not come, or have come.</summary>
    internal void Less(long count) => Outstanding = Math.Max(0, Outstanding - count);

    /// <summary>Asks for more, if there is space for some and it was read what has come.</summary>
    /// <returns>True: something is to be written.</returns>
    internal bool Pull()
    {
        var free = reading.Capacity - inbox.Open - Outstanding;
        var isWanted = free > 0 && (free >= Math.Max(1, reading.Capacity / 4) || (Outstanding == 0 && inbox.Waiting == 0));
        if (!isWanted || !IsReady || _hasStopped || connection.Server is not { } server) { return false; }
        Span<byte> request = stackalloc byte[MaxRequest];
        var length = Write(request, free, server.MaxPayload);
        NatsWriter.Publish(connection.Output, new() { Subject = _next, ReplyTo = _inbox, Prefix = request[..length] }, server.MaxPayload);
        Outstanding += free;
        return true;
    }

    /// <summary>Writes a pull. It has no bound of bytes where the newest of each subject comes: of those, servers of version 2.9 pass over
    /// the one that is too large for what is left of the pull. Elsewhere the largest message that there can be fits.</summary>
    private int Write(Span<byte> request, long batch, int maxPayload)
    {
        var (bytes, heartbeat) = (Math.Max(reading.MaxBytes, (long)maxPayload + MaxAround), reading.Heartbeat.Ticks);
        var length = 0;
        if (reading.From == NatsDeliverPolicy.LastPerSubject)
        {
            Utf8.TryWrite(request, CultureInfo.InvariantCulture,
                $"{{\"batch\":{batch},\"expires\":{Expires.Ticks}00,\"idle_heartbeat\":{heartbeat}00}}", out length);
        }
        else
        {
            Utf8.TryWrite(request, CultureInfo.InvariantCulture,
                $"{{\"batch\":{batch},\"max_bytes\":{bytes},\"expires\":{Expires.Ticks}00,\"idle_heartbeat\":{heartbeat}00}}",
                out length);
        }

        return length;
    }
}
