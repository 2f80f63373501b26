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

/// <summary>A column of a raw payload.</summary>
/// <param name="Field">The column; integers are rounded to nearest.</param>
/// <param name="Scale">The factor, not 0; default 1.</param>
/// <param name="Offset">The offset, added after scaling; default 0.</param>
public sealed record RawColumn(Field Field, double Scale = 1, double Offset = 0);

/// <summary>The payload format of a <see cref="RawFormat"/>.</summary>
public sealed record RawFormatOptions
{
    /// <summary>The columns in payload order; at least one.</summary>
    public required IReadOnlyList<RawColumn> Columns { get; init; }

    /// <summary>The number type; default <see cref="RawNumber.Float32"/>.</summary>
    public RawNumber Number { get; init; }

    /// <summary>True: the numbers are stored column by column; default false: row by row.</summary>
    public bool IsPlanar { get; init; }

    /// <summary>Rows in every payload; 0 (default): determined by the length.</summary>
    public int Rows { get; init; }

    /// <summary>Maximum number of rows in a payload, at least 1; default <see cref="JsonFormatOptions.DefaultMaxRows"/>.</summary>
    public int MaxRows { get; init; } = JsonFormatOptions.DefaultMaxRows;

    /// <summary>Rows per second for the event time, which is the first column <c>time</c>; 0: all rows have the time of the first. Null
    /// (default): no time.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>The unit of the first row's time, a signed 64-bit number at the start; null (default): none.</summary>
    public TimeUnit? Stamp { get; init; }

    /// <summary>The time of the first row if there is no stamp, in nanoseconds; default 0.</summary>
    public long StartNanoseconds { get; init; }

    /// <summary>True: NaN and infinities count as missing where the column allows it. Default false: the payload is refused.</summary>
    public bool NonFiniteIsMissing { get; init; }

    internal bool HasTime => SamplesPerSecond is not null;

    internal string Text => FormattableString.Invariant($"{Number} {(IsPlanar ? "Planar" : "Interleaved")} {Rows} {MaxRows} ")
        + (SamplesPerSecond is not { } rate ? ""
            : FormattableString.Invariant($"RawTime {{ SamplesPerSecond = {rate}, Stamp = {Stamp}, ")
                + FormattableString.Invariant($"StartNanoseconds = {StartNanoseconds} }}"))
        + (NonFiniteIsMissing ? " Missing" : " Refuse");
}
