namespace StreamLearn.Arrow;

/// <summary>The kinds of values that are read and written. All others of the format are refused by name.</summary>
public enum ArrowKind
{
    /// <summary>Missing values only.</summary>
    Null,

    /// <summary>True or false, a bit each.</summary>
    Bool,

    /// <summary>Signed, 8 bits.</summary>
    Int8,

    /// <summary>Signed, 16 bits.</summary>
    Int16,

    /// <summary>Signed, 32 bits.</summary>
    Int32,

    /// <summary>Signed, 64 bits.</summary>
    Int64,

    /// <summary>Unsigned, 8 bits.</summary>
    UInt8,

    /// <summary>Unsigned, 16 bits.</summary>
    UInt16,

    /// <summary>Unsigned, 32 bits.</summary>
    UInt32,

    /// <summary>Unsigned, 64 bits.</summary>
    UInt64,

    /// <summary>Floating-point, 16 bits.</summary>
    Float16,

    /// <summary>Floating-point, 32 bits.</summary>
    Float32,

    /// <summary>Floating-point, 64 bits.</summary>
    Float64,

    /// <summary>Text in UTF-8, with offsets of 32 bits.</summary>
    Utf8,

    /// <summary>Text in UTF-8, with offsets of 64 bits.</summary>
    LargeUtf8,

    /// <summary>Bytes, with offsets of 32 bits.</summary>
    Binary,

    /// <summary>Bytes, with offsets of 64 bits.</summary>
    LargeBinary,

    /// <summary>Bytes of a fixed length: <see cref="ArrowType.Width"/>.</summary>
    FixedSizeBinary,

    /// <summary>Days since 1970-01-01, 32 bits.</summary>
    Date32,

    /// <summary>Milliseconds since 1970-01-01, of whole days, 64 bits.</summary>
    Date64,

    /// <summary>Time of the day in seconds or milliseconds, 32 bits.</summary>
    Time32,

    /// <summary>Time of the day in microseconds or nanoseconds, 64 bits.</summary>
    Time64,

    /// <summary>Time since 1970-01-01T00:00Z, or local time if there is no zone, 64 bits.</summary>
    Timestamp,

    /// <summary>A length of time, 64 bits.</summary>
    Duration,

    /// <summary>Lists, with offsets of 32 bits; the values are the only nested column.</summary>
    List,

    /// <summary>Lists, with offsets of 64 bits.</summary>
    LargeList,

    /// <summary>Lists of a fixed length: <see cref="ArrowType.Width"/>.</summary>
    FixedSizeList,

    /// <summary>Columns side by side.</summary>
    Struct,
}
