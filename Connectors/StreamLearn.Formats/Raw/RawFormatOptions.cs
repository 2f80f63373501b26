namespace StreamLearn.Formats;

/// <summary>The numbers of a raw payload, little-endian.</summary>
public enum RawNumber
{
    /// <summary>IEEE 754 single precision, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE 754 double precision, 8 bytes.</summary>
    Float64,

    /// <summary>Signed integers of 2 bytes.</summary>
    Int16,

    /// <summary>Signed integers of 4 bytes.</summary>
    Int32,
}

/// <summary>The order of the numbers of a raw payload.</summary>
public enum RawOrder
{
    /// <summary>Row by row.</summary>
    Interleaved,

    /// <summary>Column by column.</summary>
    Planar,
}

/// <summary>A column of a raw payload.</summary>
/// <param name="Field">The column; integers are rounded to the nearest.</param>
/// <param name="Scale">What a number is multiplied by, not 0; default 1.</param>
/// <param name="Offset">What is added then; default 0.</param>
public sealed record RawColumn(Field Field, double Scale = 1, double Offset = 0);

/// <summary>Event time of a raw payload: that of its first row, and the rows' rate.</summary>
/// <param name="SamplesPerSecond">Rows a second; 0: all rows have the first one's time.</param>
/// <param name="Stamp">The unit of a signed 64-bit integer before the numbers, which is the first row's time; null: there is none. Default
/// null.</param>
/// <param name="StartNanoseconds">The first row's time of every payload where there is no stamp. Nanoseconds; default 0.</param>
public sealed record RawTime(double SamplesPerSecond, TimeUnit? Stamp = null, long StartNanoseconds = 0);

/// <summary>What a payload of a <see cref="RawFormat"/> looks like.</summary>
public sealed record RawFormatOptions
{
    /// <summary>The columns, in the payload's order; at least one.</summary>
    public required IReadOnlyList<RawColumn> Columns { get; init; }

    /// <summary>The numbers; default <see cref="RawNumber.Float32"/>.</summary>
    public RawNumber Number { get; init; }

    /// <summary>Their order; default <see cref="RawOrder.Interleaved"/>.</summary>
    public RawOrder Order { get; init; }

    /// <summary>Rows of every payload; 0: as many as the length says. Rows, default 0.</summary>
    public int Rows { get; init; }

    /// <summary>Rows that a payload may have. Rows, ≥ 1; default <see cref="JsonFormatOptions.DefaultMaxRows"/>.</summary>
    public int MaxRows { get; init; } = JsonFormatOptions.DefaultMaxRows;

    /// <summary>Event time, which becomes the first column, <c>time</c>; null: the batch has none.</summary>
    public RawTime? Time { get; init; }

    /// <summary>What becomes of numbers that are not finite; default: the payload is refused.</summary>
    public NonFinite NonFinite { get; init; }
}
