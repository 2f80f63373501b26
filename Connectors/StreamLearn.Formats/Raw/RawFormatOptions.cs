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
/// <param name="Offset">Added after scaling; default 0.</param>
public sealed record RawColumn(Field Field, double Scale = 1, double Offset = 0);

/// <summary>The payload format of a <see cref="RawFormat"/>.</summary>
public sealed record RawFormatOptions
{
    /// <summary>The columns in payload order; at least one.</summary>
    public required IReadOnlyList<RawColumn> Columns { get; init; }

    /// <summary>The number type; default <see cref="RawNumber.Float32"/>.</summary>
    public RawNumber Number { get; init; }

    /// <summary>True: the numbers lie column by column; default false: row by row.</summary>
    public bool IsPlanar { get; init; }

    /// <summary>Rows of every payload; 0 (default): from the length.</summary>
    public int Rows { get; init; }

    /// <summary>Maximum rows of a payload, at least 1; default <see cref="JsonFormatOptions.DefaultMaxRows"/>.</summary>
    public int MaxRows { get; init; } = JsonFormatOptions.DefaultMaxRows;

    /// <summary>Rows a second of the event time, the first column <c>time</c>; 0: all have the first row's time. Null (default): no
    /// time.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>The unit of a leading signed 64-bit time of the first row; null (default): none.</summary>
    public TimeUnit? Stamp { get; init; }

    /// <summary>The first row's time without a stamp, in nanoseconds; default 0.</summary>
    public long StartNanoseconds { get; init; }

    /// <summary>True: NaN and infinities are missing where the column allows it. Default false: the payload is refused.</summary>
    public bool NonFiniteIsMissing { get; init; }

    internal bool HasTime => SamplesPerSecond is not null;

    /// <summary>As in names of codecs.</summary>
    internal string Text => FormattableString.Invariant($"{Number} {(IsPlanar ? "Planar" : "Interleaved")} {Rows} {MaxRows} ")
        + (SamplesPerSecond is not { } rate ? ""
            : FormattableString.Invariant($"RawTime {{ SamplesPerSecond = {rate}, Stamp = {Stamp}, ")
                + FormattableString.Invariant($"StartNanoseconds = {StartNanoseconds} }}"))
        + (NonFiniteIsMissing ? " Missing" : " Refuse");
}
