using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>A killed server may have forgotten the last acknowledgements, so that the consumer waits forever, or the removals, so that
/// messages remain. Both are acknowledged again. Replicated streams recover by themselves.</summary>
internal sealed class JetOrphans(NatsLink link, NatsApi api, JetReading reading, NatsInbox inbox)
{
    private const int MaxLooks = 1024;              // maximum number of messages to inspect
    private const long Window = 4096;               // number of sequences below the floor: the last moments before a kill
    private const long MaxAcknowledged = 1 << 16;

    /// <summary><paramref name="stream"/>: read before the consumer, so that its numbers are not reused. <paramref name="connects"/>: the
    /// connection of both queries, because a server killed since then may reuse numbers.</summary>
    internal async Task AcknowledgeAsync(StreamInfo stream, ConsumerInfo consumer, long connects, CancellationToken cancellationToken)
    {
        if (stream.Config.NumReplicas > 1) { return; }
        var (floor, state) = ((long)consumer.AckFloor.StreamSeq, stream.State);
        var last = consumer.NumAckPending == 0 ? floor : (long)consumer.Delivered.StreamSeq;
        last = Math.Min(last, (long)state.LastSeq);
        try
        {
            var next = Math.Max(1, Math.Max(floor - Window, (long)state.FirstSeq));
            for (var (looks, end) = (0, next + MaxAcknowledged); next <= last && next < end && looks < MaxLooks; looks++)
            {
                var there = await api.MessageAsync(reading.Stream, next, reading.Filter, cancellationToken).ConfigureAwait(false);
                var found = there is null ? last + 1 : Math.Min((long)there.Seq, last + 1);
                Acknowledge(consumer, connects, Math.Max(next, floor + 1), Math.Min(found, end));
                if (found <= floor || WasSettled(there)) { Acknowledge(consumer, connects, found, found + 1); }
                next = found + 1;
            }
        }
        catch (Exception e) when (e is NatsJSApiException or TransportException)
        {
            link.Note(e.Message);       // no permission, or the connection is lost
        }
    }

    private bool WasSettled(StoredMessage? message)
    {
        lock (link.Gate) { return message is not null && inbox.WasSettled(message.Seq, message.Time); }
    }

    private void Acknowledge(ConsumerInfo consumer, long connects, long from, long end)
    {
        lock (link.Gate)
        {
            for (var sequence = from; sequence < end && link.Counters.Connects == connects; sequence++)
            {
                link.Say(FormattableString.Invariant($"$JS.ACK.{consumer.StreamName}.{consumer.Name}.1.{sequence}.{sequence}.0.0"),
                    JetAnswers.Ack);
            }
        }
    }
}
