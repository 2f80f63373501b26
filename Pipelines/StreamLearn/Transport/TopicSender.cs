namespace StreamLearn;

/// <summary>Tells messages who may publish to their topic, as a named level of it says. One subscription's; no allocation while names
/// come again.</summary>
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

    /// <summary>The text of a level; null if the library writes it otherwise: two levels never name one sender.</summary>
    private string? NameOf(ReadOnlySpan<char> level)
    {
        var text = _names.Of(level);
        if (!text.StartsWith('$') && !text.Contains('%', StringComparison.Ordinal)) { return text; }
        var name = Topic.Unescape(text);
        return Topic.Escape(name) == text ? name : null;
    }
}
