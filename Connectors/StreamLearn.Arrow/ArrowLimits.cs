namespace StreamLearn.Arrow;

/// <summary>The largest sizes that a reader accepts, checked before memory is allocated. Bytes and entries: at most 2^30.</summary>
public sealed record ArrowLimits
{
    /// <summary>The default limits.</summary>
    public static ArrowLimits Default { get; } = new();

    /// <summary>Bytes of a message's body, compressed and uncompressed, and of the values in its batch; default 16 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Bytes of a message's metadata, and of all names and texts in a schema; default 1 MiB.</summary>
    public int MaxMetadataBytes { get; init; } = 1 << 20;

    /// <summary>Columns of a schema, including nested ones; default 1,024.</summary>
    public int MaxColumns { get; init; } = 1024;

    /// <summary>The nesting depth of columns; default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Entries of one dictionary; default 1,048,576.</summary>
    public int MaxDictionaryEntries { get; init; } = 1 << 20;

    /// <summary>Bytes of all dictionaries that a reader keeps; default 64 MiB. One that grows allocates at most as much again.</summary>
    public int MaxDictionaryBytes { get; init; } = 64 << 20;

    /// <summary>The compression ratio: uncompressed bytes for each compressed one; default 200.</summary>
    public int MaxRatio { get; init; } = 200;

    /// <summary>Messages that a file's footer may list; default 1,048,576.</summary>
    public int MaxFileMessages { get; init; } = 1 << 20;

    /// <summary>Values of an array at most, so that those without bytes end too: a value of a message takes a bit at least.</summary>
    internal long MaxValues => Math.Min(8L * MaxMessageBytes, int.MaxValue);

    /// <summary>The same limits, each checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range.</exception>
    internal ArrowLimits Checked()
    {
        const int Most = 1 << 30;       // twice as much and padding still has an array
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMessageBytes, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMetadataBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMetadataBytes, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxColumns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxColumns, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDepth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDepth, 256);       // the reader calls itself
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDictionaryEntries, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDictionaryEntries, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDictionaryBytes, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDictionaryBytes, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRatio, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFileMessages, 0);
        return this;
    }
}
