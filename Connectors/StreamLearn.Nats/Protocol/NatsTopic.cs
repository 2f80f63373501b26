namespace StreamLearn.Nats;

/// <summary>Maps topics to subjects: <c>/</c> to <c>.</c>, <c>+</c> to <c>*</c>, a <c>#</c> at the end to <c>&gt;</c>. Within a level,
/// <c>.</c>, space, <c>*</c>, <c>&gt;</c>, <c>%</c> and control characters are percent-encoded UTF-8 in upper case; an empty level is
/// <c>%</c>. The mapping is one-to-one; other subjects have no topic.</summary>
/// <remarks>Filters differ in two ways: <c>a/#</c> includes <c>a</c>, but <c>a.&gt;</c> does not, so <see cref="Subscription"/> returns two
/// disjoint subjects. A leading wildcard excludes topics starting with <c>$</c> but not server subjects such as <c>$JS.API.INFO</c>: check
/// messages with <see cref="Topic.Matches"/>.</remarks>
internal static class NatsTopic
{
    private const int MaxTopicBytes = 65_535;

    internal static string ToSubject(Topic topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic.Value, nameof(topic));
        var text = new StringBuilder(topic.Value.Length + 8);
        foreach (var range in topic.Value.AsSpan().Split('/'))
        {
            if (range.Start.Value > 0) { text.Append('.'); }
            AddToken(text, topic.Value.AsSpan(range));
        }

        return text.ToString();
    }

    internal static (string Subject, string? Parent) Subscription(Topic filter)
    {
        var subject = ToSubject(filter);
        return (subject, subject.EndsWith(".>", StringComparison.Ordinal) ? subject[..^2] : null);
    }

    internal static bool TryToTopic(string subject, out Topic topic)
    {
        topic = default;
        if (subject.AsSpan().ContainsAny('/', '+', '#')) { return false; }
        var levels = subject.Split('.');
        if (levels.AsSpan(..^1).Contains(">")) { return false; }
        for (var i = 0; i < levels.Length; i++)
        {
            var level = levels[i] == "%" ? "" : Uri.UnescapeDataString(levels[i]);
            if (level.AsSpan().ContainsAny("/+#\0")) { return false; }        // characters that no topic level contains
            levels[i] = levels[i] switch { "*" => "+", ">" => "#", _ => level };
        }

        var value = string.Join('/', levels);
        if (value.Length == 0 || Encoding.UTF8.GetByteCount(value) > MaxTopicBytes) { return false; }
        var found = new Topic(value);
        if (ToSubject(found) != subject) { return false; }
        topic = found;
        return true;
    }

    private static void AddToken(StringBuilder text, ReadOnlySpan<char> level)
    {
        if (level is "+") { text.Append('*'); return; }
        if (level is "#") { text.Append('>'); return; }
        if (level.IsEmpty) { text.Append('%'); return; }
        Span<byte> bytes = stackalloc byte[4];
        foreach (ref readonly var character in level)
        {
            if (!IsEscaped(character)) { text.Append(character); continue; }
            var count = Encoding.UTF8.GetBytes([character], bytes);
            foreach (var value in bytes[..count]) { text.Append(CultureInfo.InvariantCulture, $"%{value:X2}"); }
        }
    }

    private static bool IsEscaped(char character) => character is '.' or ' ' or '*' or '>' or '%' || char.IsControl(character);
}
