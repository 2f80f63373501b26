namespace StreamLearn.Arrow;

/// <summary>Size limits of a reader, which it checks before it allocates. Bytes and entries: at most 2^30.</summary>
public sealed record ArrowLimits
{
    /// <summary>The default limits.</summary>
    public static ArrowLimits Default { get; } = new();

    /// <summary>Maximum size in bytes of a message's body, compressed and uncompressed, and of the values in its batch; default 16
    /// MiB.</summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Maximum size in bytes of a message's metadata, and of the names and strings in a schema; default 1 MiB.</summary>
    public int MaxMetadataBytes { get; init; } = 1 << 20;

    /// <summary>Maximum number of columns in a schema, including nested ones; default 1,024.</summary>
    public int MaxColumns { get; init; } = 1024;

    /// <summary>Maximum nesting depth of columns; default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Maximum number of entries in one dictionary; default 1,048,576.</summary>
    public int MaxDictionaryEntries { get; init; } = 1 << 20;

    /// <summary>Maximum size of all dictionaries of a reader in bytes; default 64 MiB. A growing dictionary can allocate twice its
    /// size.</summary>
    public int MaxDictionaryBytes { get; init; } = 64 << 20;

    /// <summary>Maximum compression ratio: uncompressed per compressed byte; default 200.</summary>
    public int MaxRatio { get; init; } = 200;

    /// <summary>Maximum number of messages in the footer of a file; default 1,048,576.</summary>
    public int MaxFileMessages { get; init; } = 1 << 20;

    /// <summary>Maximum number of values in an array, which limits arrays without bytes: a value needs at least a bit.</summary>
    internal long MaxValues => Math.Min(8L * MaxMessageBytes, int.MaxValue);

    internal ArrowLimits Checked()
    {
        const int Most = 1 << 30;       // twice this plus padding still fits in an array
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMessageBytes, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMetadataBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMetadataBytes, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxColumns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxColumns, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDepth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDepth, 256);       // the reader is recursive
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDictionaryEntries, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDictionaryEntries, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDictionaryBytes, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDictionaryBytes, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRatio, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFileMessages, 0);
        return this;
    }
}
