namespace StreamLearn;

/// <summary>The type of a column's values. Layout as in the Arrow columnar format: fixed width, little-endian, contiguous.</summary>
public enum ColumnType
{
    /// <summary>IEEE 754 single precision; the type of every sensor channel.</summary>
    Float32,

    /// <summary>IEEE 754 double precision.</summary>
    Float64,

    /// <summary>Signed 32-bit integer; class labels and keys.</summary>
    Int32,

    /// <summary>Signed 64-bit integer; event time and row numbers.</summary>
    Int64,
}
