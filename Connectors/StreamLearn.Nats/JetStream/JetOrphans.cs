using System.Globalization;
using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>
/// Puts in order what stream and consumer know of each other once a server was killed. It may keep that messages were removed and forget
/// that the last of them were acknowledged: the consumer then waits for them for ever. Or it forgets that they were removed: then they stay
/// in the stream. Either is acknowledged again. The servers of a stream of several copies tell each other.
/// </summary>
internal sealed class JetOrphans(NatsJetStream jetStream, JetReading reading, JetInbox inbox)
{
    private const int MaxLooks = 1024;              // messages that are there
    private const long Window = 4096;               // numbers before the floor: of the last moments before a kill
    private const long MaxAcknowledged = 1 << 16;
    private const int MaxSubject = 600;             // names of stream and consumer have at most 255 characters each

    /// <summary>Looks for them.</summary>
    /// <param name="stream">The stream, before the consumer was asked: its numbers up to the last will not be given again.</param>
    /// <param name="consumer">The consumer.</param>
    /// <param name="connects">Which connection both were asked over: a server that was killed since may give numbers anew.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task AcknowledgeAsync(
        NatsStreamStatus stream, NatsConsumerStatus consumer, long connects, CancellationToken cancellationToken)
    {
        if (stream.Config.Replicas > 1) { return; }
        var (floor, state) = (consumer.AckFloor.StreamSequence, stream.State);
        var last = consumer.Unacknowledged == 0 ? floor : consumer.Delivered.StreamSequence;
        last = Math.Min(last, state.LastSequence);
        try
        {
            var next = Math.Max(1, Math.Max(floor - Window, state.FirstSequence));
            for (var (looks, end) = (0, next + MaxAcknowledged); next <= last && next < end && looks < MaxLooks; looks++)
            {
                var there = await jetStream.MessageAsync(
                    reading.Stream, new((ulong)next, null, reading.Filter ?? ">"), cancellationToken).ConfigureAwait(false);
                var found = there is null ? last + 1 : Math.Min((long)there.Seq, last + 1);
                Acknowledge(consumer, connects, Math.Max(next, floor + 1), Math.Min(found, end));
                if (found <= floor || WasSettled(there)) { Acknowledge(consumer, connects, found, found + 1); }
                next = found + 1;
            }
        }
        catch (Exception e) when (e is JetStreamException or TransportException)
        {
            // it is not permitted to look, or the connection is lost
            lock (jetStream.Connection.Gate) { jetStream.Connection.Counters.LastFault = e.Message; }
        }
    }

    private bool WasSettled(StoredMessage? message)
    {
        lock (jetStream.Connection.Gate) { return message is not null && inbox.WasSettled(message.Seq, message.Time); }
    }

    private void Acknowledge(NatsConsumerStatus consumer, long connects, long from, long end)
    {
        var connection = jetStream.Connection;
        Span<byte> subject = stackalloc byte[MaxSubject];
        lock (connection.Gate)
        {
            if (connection.Server is null || connection.Counters.Connects != connects) { return; }
            for (var sequence = from; sequence < end; sequence++)
            {
                Utf8.TryWrite(subject, CultureInfo.InvariantCulture,
                    $"$JS.ACK.{consumer.Stream}.{consumer.Name}.1.{sequence}.{sequence}.0.0", out var length);
                NatsWriter.Acknowledge(connection.Output, subject[..length], "+ACK"u8);
            }
        }

        connection.ToWrite.Raise();
    }
}
