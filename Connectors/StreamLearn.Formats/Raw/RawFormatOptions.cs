namespace StreamLearn.Formats;

/// <summary>The little-endian number types of a raw payload.</summary>
public enum RawNumber
{
    /// <summary>IEEE 754 single precision, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE 754 double precision, 8 bytes.</summary>
    Float64,

    /// <summary>2-byte signed integers.</summary>
    Int16,

    /// <summary>4-byte signed integers.</summary>
    Int32,
}

/// <summary>The number order of a raw payload.</summary>
public enum RawOrder
{
    /// <summary>Row by row.</summary>
    Interleaved,

    /// <summary>Column by column.</summary>
    Planar,
}

/// <summary>A column of a raw payload.</summary>
/// <param name="Field">The column; integers are rounded to nearest.</param>
/// <param name="Scale">The factor, not 0; default 1.</param>
/// <param name="Offset">Added after scaling; default 0.</param>
public sealed record RawColumn(Field Field, double Scale = 1, double Offset = 0);

/// <summary>The event time of a raw payload's rows.</summary>
/// <param name="SamplesPerSecond">Rows a second; 0: all have the first row's time.</param>
/// <param name="Stamp">The unit of a leading signed 64-bit time of the first row; null (default): none.</param>
/// <param name="StartNanoseconds">The first row's time without a stamp, in nanoseconds; default 0.</param>
public sealed record RawTime(double SamplesPerSecond, TimeUnit? Stamp = null, long StartNanoseconds = 0);

/// <summary>The payload format of a <see cref="RawFormat"/>.</summary>
public sealed record RawFormatOptions
{
    /// <summary>The columns in payload order; at least one.</summary>
    public required IReadOnlyList<RawColumn> Columns { get; init; }

    /// <summary>The number type; default <see cref="RawNumber.Float32"/>.</summary>
    public RawNumber Number { get; init; }

    /// <summary>The order; default <see cref="RawOrder.Interleaved"/>.</summary>
    public RawOrder Order { get; init; }

    /// <summary>Rows of every payload; 0 (default): from the length.</summary>
    public int Rows { get; init; }

    /// <summary>Maximum rows of a payload, at least 1; default <see cref="JsonFormatOptions.DefaultMaxRows"/>.</summary>
    public int MaxRows { get; init; } = JsonFormatOptions.DefaultMaxRows;

    /// <summary>The event time, the first column <c>time</c>; null: none.</summary>
    public RawTime? Time { get; init; }

    /// <summary>The handling of non-finite numbers; default: the payload is refused.</summary>
    public NonFinite NonFinite { get; init; }
}
