namespace StreamLearn;

/// <summary>Sets the sender of messages to the name at a topic level. One per subscription; known names allocate nothing.</summary>
internal sealed class TopicSender<T>(TopicPattern pattern, ICodec<T> codec)
    where T : class
{
    private readonly EnvelopeNames _names = new();

    internal object? Decode(in Received message, BatchPool pool, out string? reason)
    {
        reason = null;
        if (!codec.TryDecode(message.Payload, pool, out var value)) { return null; }
        Span<Range> levels = stackalloc Range[1];
        pattern.Match(message.Topic.Value, levels);
        return NameOf(message.Topic.Value.AsSpan()[levels[0]]) is { } name ? ((ISentOnTopic<T>)value).SentBy(name, message.Origin) : null;
    }

    /// <summary>Returns null if the level is not in canonical form, so that two levels never name the same sender.</summary>
    private string? NameOf(ReadOnlySpan<char> level)
    {
        var text = _names.Of(level);
        if (!text.StartsWith('$') && !text.Contains('%', StringComparison.Ordinal)) { return text; }
        var name = Topic.Unescape(text);
        return Topic.Escape(name) == text ? name : null;
    }
}
