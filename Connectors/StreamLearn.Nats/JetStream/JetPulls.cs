using System.Globalization;
using System.Text;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>What a reader asks a consumer for: as many messages as there is space for. Locked by its link.</summary>
internal sealed class JetPulls(NatsLink link, JetReading reading, NatsInbox inbox)
{
    private const int MaxBytes = 8 << 20, MaxAround = 64 << 10;
    private readonly TimeSpan _expires = 2 * reading.Heartbeat;     // the least that servers take: a process that stands still gets no more
    private string _inbox = "";             // where they are answered; another one each time that the consumer is set up

    /// <summary>True if there is a consumer to ask.</summary>
    internal bool IsReady { get; private set; }

    /// <summary>Messages that were asked for and have not come.</summary>
    internal long Outstanding { get; private set; }

    /// <summary>Where they go; empty: there was no consumer.</summary>
    internal string Next { get; private set; } = "";

    /// <summary>True if they are answered there.</summary>
    internal bool AreAnsweredAt(string subject) => _inbox == subject;

    /// <summary>There is a consumer, of which nothing is asked yet.</summary>
    internal void Begin(ConsumerInfo consumer, string inbox)
    {
        (_inbox, IsReady, Outstanding) = (inbox, true, 0);
        Next = $"$JS.API.CONSUMER.MSG.NEXT.{consumer.StreamName}.{consumer.Name}";
    }

    /// <summary>There is none any more.</summary>
    internal void End() => (IsReady, Outstanding) = (false, 0);

    /// <summary>Some will not come, or have come.</summary>
    internal void Less(long count) => Outstanding = Math.Max(0, Outstanding - count);

    /// <summary>Asks for more, if there is space for some and it was read what has come.</summary>
    internal void Pull()
    {
        var free = reading.Capacity - inbox.Open - Outstanding;
        var isWanted = free > 0 && (free >= Math.Max(1, reading.Capacity / 4) || (Outstanding == 0 && inbox.Waiting == 0));
        if (!isWanted || !IsReady || !link.IsOpen) { return; }
        link.Say(Next, Encoding.ASCII.GetBytes(Request(free, link.Server?.MaxPayload ?? 0)), _inbox);
        Outstanding += free;
    }

    /// <summary>A pull has no bound of bytes where the newest of each subject comes: of those, servers of version 2.9 pass over the one
    /// that is too large for what is left of the pull. Elsewhere the largest message that there can be fits.</summary>
    private string Request(long batch, int maxPayload)
    {
        var bytes = reading.Consumer.DeliverPolicy == ConsumerConfigDeliverPolicy.LastPerSubject ? ""
            : FormattableString.Invariant($"\"max_bytes\":{Math.Max(MaxBytes, (long)maxPayload + MaxAround)},");
        return string.Create(CultureInfo.InvariantCulture,
            $"{{\"batch\":{batch},{bytes}\"expires\":{_expires.Ticks}00,\"idle_heartbeat\":{reading.Heartbeat.Ticks}00}}");
    }
}
