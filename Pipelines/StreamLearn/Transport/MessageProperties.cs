using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>What a message carries beside its payload, for transports that have it. Source: MQTT 5.0, section 3.3.2.3.</summary>
public sealed record MessageProperties
{
    /// <summary>Names and values in the order in which they were sent; a name may come twice. Default none.</summary>
    public ImmutableArray<KeyValuePair<string, string>> User { get; init; } = [];

    /// <summary>By which an asker finds the answer to its question; default empty.</summary>
    public ReadOnlyMemory<byte> CorrelationData { get; init; }

    /// <summary>Where an answer is expected; null, the default: none is.</summary>
    public string? ResponseTopic { get; init; }

    /// <summary>What the payload is, such as a MIME type; null, the default: not said.</summary>
    public string? ContentType { get; init; }

    /// <summary>The first value of a name; null if there is none.</summary>
    /// <param name="name">The name.</param>
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
}
