using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>
/// Puts in order what stream and consumer know of each other once a server was killed. It may keep that messages were removed and forget
/// that the last of them were acknowledged: the consumer then waits for them for ever. Or it forgets that they were removed: then they stay
/// in the stream. Either is acknowledged again. The servers of a stream of several copies tell each other.
/// </summary>
internal sealed class JetOrphans(NatsLink link, NatsApi api, JetReading reading, NatsInbox inbox)
{
    private const int MaxLooks = 1024;              // messages that are there
    private const long Window = 4096;               // numbers before the floor: of the last moments before a kill
    private const long MaxAcknowledged = 1 << 16;

    /// <summary>Looks for them. <paramref name="stream"/>: the stream, before the consumer was asked: its numbers up to the last will not
    /// be given again. <paramref name="connects"/>: which connection both were asked over: a server that was killed since may give numbers
    /// anew.</summary>
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
            link.Note(e.Message);       // it is not permitted to look, or the connection is lost
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
