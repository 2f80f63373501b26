using System.Collections.Immutable;

namespace StreamLearn;

/// <summary> Message properties in addition to the payload, for transports that have them; compared by value. Source: MQTT 5.0, section
/// 3.3.2.3.
/// </summary>
public sealed record MessageProperties
{
    /// <summary>Maximum number of bytes in a UTF-8 string and in correlation data.</summary>
    public const int MaxBytes = SendableText.MaxBytes;

    /// <summary>Ordered names and values; names may repeat. Default none.</summary>
    /// <exception cref="ArgumentException">A string is too long, or contains U+0000 or an unpaired surrogate.</exception>
    public ImmutableArray<KeyValuePair<string, string>> User { get; init => field = Checked(value, nameof(User)); } = [];

    /// <summary>Relates a reply to its request, at most <see cref="MaxBytes"/>; default empty.</summary>
    /// <exception cref="ArgumentException">There are too many bytes.</exception>
    public ReadOnlyMemory<byte> CorrelationData { get; init => field = Checked(value, nameof(CorrelationData)); }

    /// <summary>The reply topic, without wildcards; default null: none.</summary>
    /// <exception cref="ArgumentException">The string is too long, or contains U+0000 or an unpaired surrogate.</exception>
    public string? ResponseTopic { get; init => field = Checked(value, "a response topic", nameof(ResponseTopic)); }

    /// <summary>The payload's content type, such as a MIME type; default null: unspecified.</summary>
    /// <exception cref="ArgumentException">The string is too long, or contains U+0000 or an unpaired surrogate.</exception>
    public string? ContentType { get; init => field = Checked(value, "a content type", nameof(ContentType)); }

    /// <summary>The first value of a name, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in User)
            {
                if (string.Equals(key, name, StringComparison.Ordinal)) { return value; }
            }

            return null;
        }
    }

    /// <inheritdoc />
    public bool Equals(MessageProperties? other) =>
        other is not null && ContentType == other.ContentType && ResponseTopic == other.ResponseTopic
        && CorrelationData.Span.SequenceEqual(other.CorrelationData.Span) && User.AsSpan().SequenceEqual(other.User.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(ContentType, ResponseTopic, CorrelationData.Length, User.Length);

    /// <inheritdoc />
    public override string ToString()
    {
        IEnumerable<string> parts =
        [
            .. ContentType is null ? [] : new[] { ContentType },
            .. User.Select(pair => $"{pair.Key}={pair.Value}"),
            .. ResponseTopic is null ? [] : new[] { $"answer to {ResponseTopic}" },
            .. CorrelationData.IsEmpty ? [] : new[] { $"correlation {Convert.ToHexStringLower(CorrelationData.Span)}" },
        ];
        return string.Join(", ", parts);
    }

    private static ImmutableArray<KeyValuePair<string, string>> Checked(ImmutableArray<KeyValuePair<string, string>> pairs, string property)
    {
        if (pairs.IsDefault) { return []; }
        foreach (var (name, value) in pairs)
        {
            Checked(name ?? throw new ArgumentException("expected a name", property), "a user property's name", property);
            Checked(value ?? throw new ArgumentException($"expected a value of property '{name}'", property),
                "a user property's value", property);
        }

        return pairs;
    }

    private static ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> bytes, string property) => bytes.Length <= MaxBytes
        ? bytes
        : throw new ArgumentException($"expected at most {MaxBytes} bytes of correlation data, got {bytes.Length}", property);

    private static string? Checked(string? text, string what, string property) =>
        text is null ? null : SendableText.Checked(text, what, property);
}
