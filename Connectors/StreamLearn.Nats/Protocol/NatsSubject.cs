using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>
/// What a subject is: tokens parted by dots, none empty, in well-formed UTF-8 without blanks and control characters. In a filter the token
/// <c>*</c> stands for one token and a last <c>&gt;</c> for one or more. Elsewhere the two characters are refused, although a server lets
/// them through inside a longer token. Source: NATS documentation, "Subject-Based Messaging".
/// </summary>
internal static class NatsSubject
{
    /// <summary>Why nobody can publish to a subject; null: one can.</summary>
    internal static string? PublishFault(ReadOnlySpan<byte> subject) =>
        TokenFault(subject)
        ?? (subject.IndexOfAny(NatsBytes.BlanksAndWildcards) < 0
            ? null : "expected a subject without blanks, control characters, '*' and '>'")
        ?? TextFault(subject);

    /// <summary>Why nobody can subscribe to a subject; null: one can.</summary>
    internal static string? FilterFault(ReadOnlySpan<byte> filter) =>
        TokenFault(filter)
        ?? (filter.IndexOfAny(NatsBytes.Blanks) < 0 ? null : "expected a subject without blanks and control characters")
        ?? (AreWildcardsAlone(filter) ? null : "expected '*' and '>' alone in their token, and '>' last")
        ?? TextFault(filter);

    /// <summary>Why a queue group cannot have a name; null: it can.</summary>
    internal static string? GroupFault(ReadOnlySpan<byte> group) =>
        group.IsEmpty ? "expected a name, got an empty one"
        : group.IndexOfAny(NatsBytes.Blanks) < 0 ? TextFault(group)
        : "expected a name without blanks and control characters";

    /// <summary>True if a filter takes a subject that can be published to.</summary>
    internal static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> subject)
    {
        while (true)
        {
            var (filterEnd, subjectEnd) = (filter.IndexOf((byte)'.'), subject.IndexOf((byte)'.'));
            var token = filterEnd < 0 ? filter : filter[..filterEnd];
            if (token is [(byte)'>']) { return true; }
            if (token is not [(byte)'*'] && !token.SequenceEqual(subjectEnd < 0 ? subject : subject[..subjectEnd])) { return false; }
            if (filterEnd < 0 || subjectEnd < 0) { return filterEnd < 0 && subjectEnd < 0; }
            filter = filter[(filterEnd + 1)..];
            subject = subject[(subjectEnd + 1)..];
        }
    }

    /// <summary>True if a filter takes all that another takes.</summary>
    internal static bool Covers(string filter, string other)
    {
        var (wide, narrow) = (filter.Split('.'), other.Split('.'));
        for (var i = 0; i < wide.Length; i++)
        {
            if (i >= narrow.Length) { return false; }
            if (wide[i] == ">") { return true; }
            if (narrow[i] == ">" || (wide[i] != narrow[i] && wide[i] != "*")) { return false; }
        }

        return narrow.Length == wide.Length;
    }

    private static string? TokenFault(ReadOnlySpan<byte> subject) =>
        subject.IsEmpty || subject[0] == '.' || subject[^1] == '.' || subject.IndexOf(".."u8) >= 0
            ? "expected a subject of tokens that are not empty, parted by '.'"
            : null;

    private static string? TextFault(ReadOnlySpan<byte> text) => Utf8.IsValid(text) ? null : "expected well-formed UTF-8";

    private static bool AreWildcardsAlone(ReadOnlySpan<byte> filter)
    {
        if (filter.IndexOfAny((byte)'*', (byte)'>') < 0) { return true; }
        while (true)
        {
            var end = filter.IndexOf((byte)'.');
            var token = end < 0 ? filter : filter[..end];
            if (token.IndexOfAny((byte)'*', (byte)'>') >= 0 && (token.Length > 1 || (token[0] == '>' && end >= 0))) { return false; }
            if (end < 0) { return true; }
            filter = filter[(end + 1)..];
        }
    }
}
