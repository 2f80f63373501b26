using System.Globalization;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>
/// Topics as subjects, and back: <c>/</c> as <c>.</c>, <c>+</c> as <c>*</c>, a last <c>#</c> as <c>&gt;</c>. Inside a level <c>.</c>,
/// space, <c>*</c>, <c>&gt;</c>, <c>%</c> and control characters are the bytes of their UTF-8 in upper-case hexadecimal, each behind a
/// <c>%</c>; an empty level is a single <c>%</c>. So each topic has one subject, which no other topic has, and a subject that is not
/// written so belongs to no topic.
/// </summary>
/// <remarks>
/// Two filters take more as a topic than as a subject, or less. <c>a/#</c> takes <c>a</c> as well and <c>a.&gt;</c> does not:
/// <see cref="Subscription"/> gives both subjects, which never take the same message. A leading wildcard takes no topic that starts with
/// <c>$</c>, but subjects of the server such as <c>$JS.API.INFO</c>: what arrives is to be held against <see cref="Topic.Matches"/>.
/// </remarks>
internal static class NatsTopic
{
    private const int MaxTopicBytes = 65_535;

    /// <summary>The subject of a topic or a filter.</summary>
    /// <exception cref="ArgumentException">It is the default value.</exception>
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

    /// <summary>The subjects to subscribe to for a filter.</summary>
    internal static (string Subject, string? Parent) Subscription(Topic filter)
    {
        var subject = ToSubject(filter);
        return (subject, subject.EndsWith(".>", StringComparison.Ordinal) ? subject[..^2] : null);
    }

    /// <summary>Finds the topic or filter that has a subject.</summary>
    internal static bool TryToTopic(string subject, out Topic topic)
    {
        topic = default;
        if (subject.AsSpan().ContainsAny('/', '+', '#')) { return false; }
        var levels = subject.Split('.');
        if (levels.AsSpan(..^1).Contains(">")) { return false; }
        for (var i = 0; i < levels.Length; i++)
        {
            var level = levels[i] == "%" ? "" : Uri.UnescapeDataString(levels[i]);
            if (level.AsSpan().ContainsAny("/+#\0")) { return false; }        // no topic's level has one of them
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
