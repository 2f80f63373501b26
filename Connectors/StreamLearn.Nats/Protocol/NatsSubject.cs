namespace StreamLearn.Nats;

/// <summary>Subjects: non-empty tokens separated by dots, without spaces and control characters. In filters, <c>*</c> matches one token and
/// a <c>&gt;</c> at the end one or more. Source: NATS documentation, "Subject-Based Messaging".</summary>
internal static class NatsSubject
{
    private const int MaxBytes = 4000;          // a server closes the connection at a control line of more than 4,096 bytes
    private const int MaxName = 255;

    internal static string? GroupFault(string group) =>
        group.Length == 0 ? "expected a name, got an empty one"
        : group.Any(static c => c <= ' ' || char.IsControl(c)) ? "expected a name without blanks and control characters" : null;

    /// <summary>Throws if a subject is too long, because it would end the connection.</summary>
    internal static void RequireLength(string subject, string? beside, string name)
    {
        if (subject.Length + (beside?.Length ?? 0) < MaxBytes / 3) { return; }
        var bytes = Encoding.UTF8.GetByteCount(subject) + Encoding.UTF8.GetByteCount(beside ?? "");
        if (bytes > MaxBytes)
        {
            throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"expected at most {MaxBytes} bytes, got {bytes}"));
        }
    }

    /// <summary>Checks a name, which is also a subject token and a folder name.</summary>
    internal static void RequireStreamName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Any(static c => c is <= ' ' or >= (char)0x7F or '.' or '*' or '>' or '/' or '\\'))
        {
            throw new ArgumentException(
                $"expected a name of visible ASCII without . * > / \\, got '{PrintableText.Of(name)}'", nameof(name));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxName, nameof(name));
    }

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
}
