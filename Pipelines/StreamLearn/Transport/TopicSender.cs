namespace StreamLearn;

/// <summary>Sets messages' permitted sender from a named topic level. One per subscription; known names allocate nothing.</summary>
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

    /// <summary>Null if the level is not in canonical form: two levels never name one sender.</summary>
    private string? NameOf(ReadOnlySpan<char> level)
    {
        var text = _names.Of(level);
        if (!text.StartsWith('$') && !text.Contains('%', StringComparison.Ordinal)) { return text; }
        var name = Topic.Unescape(text);
        return Topic.Escape(name) == text ? name : null;
    }
}
