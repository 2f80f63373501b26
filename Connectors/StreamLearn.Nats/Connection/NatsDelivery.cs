namespace StreamLearn.Nats;

internal readonly record struct NatsDelivery(ulong StreamSequence, ulong ConsumerSequence, ulong Delivered, long Nanoseconds, ulong Pending)
{
    private const string Prefix = "$JS.ACK.";
    private const int Levels = 7, LevelsWithDomain = 9, MaxLevels = 10;        // after the prefix

    /// <summary>Parses $JS.ACK.stream.consumer.delivered.sequence.sequence.time.pending, and the form with domain and account before the
    /// stream and an optional last level.</summary>
    internal static bool TryParse(ReadOnlySpan<char> subject, out NatsDelivery delivery)
    {
        delivery = default;
        if (!subject.StartsWith(Prefix)) { return false; }
        var levels = subject[Prefix.Length..];
        var count = 1 + levels.Count('.');
        if (count is not (Levels or LevelsWithDomain or MaxLevels)) { return false; }
        for (var names = count == Levels ? 2 : 4; names > 0; names--) { levels = levels[(levels.IndexOf('.') + 1)..]; }
        if (!TryNext(ref levels, out var delivered) || !TryNext(ref levels, out var stream) || !TryNext(ref levels, out var consumer)
            || !TryNext(ref levels, out var time) || !TryNext(ref levels, out var pending) || time > long.MaxValue) { return false; }
        delivery = new(stream, consumer, delivered, (long)time, pending);
        return true;
    }

    private static bool TryNext(ref ReadOnlySpan<char> levels, out ulong number)
    {
        var length = levels.IndexOf('.');
        var level = length < 0 ? levels : levels[..length];
        levels = length < 0 ? default : levels[(length + 1)..];
        return ulong.TryParse(level, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
