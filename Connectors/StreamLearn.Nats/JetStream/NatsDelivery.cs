using System.Buffers.Text;

namespace StreamLearn.Nats;

/// <summary>What a consumer says of a message in the subject that it is acknowledged at.</summary>
/// <param name="StreamSequence">Its number in the stream.</param>
/// <param name="ConsumerSequence">Its number among deliveries of the consumer.</param>
/// <param name="Delivered">How often it has been delivered, this time included.</param>
/// <param name="Nanoseconds">When the stream took it: since 1970.</param>
/// <param name="Pending">Messages that the consumer has yet to deliver.</param>
internal readonly record struct NatsDelivery(
    ulong StreamSequence, ulong ConsumerSequence, ulong Delivered, long Nanoseconds, ulong Pending)
{
    private const int Levels = 9, LevelsWithDomain = 11, MaxLevels = 12;

    /// <summary>Reads $JS.ACK.stream.consumer.delivered.sequence.sequence.time.pending, and the longer form, which names domain and
    /// account before the stream and may end with a level more.</summary>
    /// <returns>Whether it is such a subject.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> subject, out NatsDelivery delivery)
    {
        delivery = default;
        if (!subject.StartsWith("$JS.ACK."u8)) { return false; }
        Span<Range> levels = stackalloc Range[MaxLevels + 1];
        var count = 0;
        foreach (var level in subject.Split((byte)'.'))
        {
            if (count == levels.Length) { return false; }
            levels[count++] = level;
        }

        if (count is not (Levels or LevelsWithDomain or MaxLevels)) { return false; }
        var at = count == Levels ? 4 : 6;
        if (!TryNumber(subject[levels[at]], out var delivered) || !TryNumber(subject[levels[at + 1]], out var stream)
            || !TryNumber(subject[levels[at + 2]], out var consumer) || !TryNumber(subject[levels[at + 3]], out var time)
            || !TryNumber(subject[levels[at + 4]], out var pending) || time > long.MaxValue) { return false; }
        delivery = new(stream, consumer, delivered, (long)time, pending);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> level, out ulong number)
        => Utf8Parser.TryParse(level, out number, out var read) && read == level.Length;
}
