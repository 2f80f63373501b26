using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>Pulls messages up to the free space. Call it while holding the link's lock.</summary>
internal sealed class JetPulls(NatsLink link, JetReading reading, NatsInbox inbox)
{
    private const int MaxBytes = 8 << 20, MaxAround = 64 << 10;
    private readonly TimeSpan _expires = 2 * reading.Heartbeat;     // the server's minimum: a suspended process soon gets no more
    private string _inbox = "";             // reply subject; a new one for each consumer

    internal bool IsReady { get; private set; }

    internal long Outstanding { get; private set; }

    /// <summary>The subject for pulls; empty: there is no consumer yet.</summary>
    internal string Next { get; private set; } = "";

    internal bool AreAnsweredAt(string subject) => _inbox == subject;

    internal void Begin(ConsumerInfo consumer, string inbox)
    {
        (_inbox, IsReady, Outstanding) = (inbox, true, 0);
        Next = $"$JS.API.CONSUMER.MSG.NEXT.{consumer.StreamName}.{consumer.Name}";
    }

    internal void End() => (IsReady, Outstanding) = (false, 0);

    internal void Less(long count) => Outstanding = Math.Max(0, Outstanding - count);

    internal void Pull()
    {
        var free = reading.Capacity - inbox.Open - Outstanding;
        var isWanted = free > 0 && (free >= Math.Max(1, reading.Capacity / 4) || (Outstanding == 0 && inbox.Waiting == 0));
        if (!isWanted || !IsReady || !link.IsOpen) { return; }
        link.Say(Next, Encoding.ASCII.GetBytes(Request(free, link.Server?.MaxPayload ?? 0)), _inbox);
        Outstanding += free;
    }

    /// <summary>Sets no byte limit for consumers of the newest message per subject, because server 2.9 skips messages that are too large
    /// for the rest of a pull. Otherwise the limit fits the largest message.</summary>
    private string Request(long batch, int maxPayload)
    {
        var bytes = reading.Consumer.DeliverPolicy == ConsumerConfigDeliverPolicy.LastPerSubject ? ""
            : FormattableString.Invariant($"\"max_bytes\":{Math.Max(MaxBytes, (long)maxPayload + MaxAround)},");
        return string.Create(CultureInfo.InvariantCulture,
            $"{{\"batch\":{batch},{bytes}\"expires\":{_expires.Ticks}00,\"idle_heartbeat\":{reading.Heartbeat.Ticks}00}}");
    }
}
