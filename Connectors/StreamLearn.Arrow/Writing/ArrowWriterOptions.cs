using System.Collections.Immutable;

namespace StreamLearn.Arrow;

/// <summary>Options of <see cref="ArrowWriter"/>.</summary>
public sealed record ArrowWriterOptions
{
    /// <summary>The form; default a stream.</summary>
    public ArrowForm Form { get; init; }

    /// <summary>True: buffers are compressed by LZ4 where that makes them smaller; default false.</summary>
    public bool Compresses { get; init; }

    /// <summary>The metadata in the footer of a file; default none.</summary>
    public ImmutableArray<KeyValuePair<string, string>> FooterMetadata { get; init; } = [];
}
