using System.Collections.Immutable;

namespace StreamLearn.Arrow;

/// <summary>How Arrow is written.</summary>
public sealed record ArrowWriterOptions
{
    /// <summary>The form; default a stream.</summary>
    public ArrowForm Form { get; init; }

    /// <summary>True: buffers are compressed by LZ4 where that makes them smaller; default false.</summary>
    public bool Compresses { get; init; }

    /// <summary>What the footer of a file says beside; default nothing.</summary>
    public ImmutableArray<KeyValuePair<string, string>> FooterMetadata { get; init; } = [];
}
