namespace StreamLearn;

/// <summary>The type of a column's values: fixed width, little-endian, contiguous, as in the Arrow columnar format.</summary>
public enum ColumnType
{
    /// <summary>IEEE 754 single precision, for sensor channels.</summary>
    Float32,

    /// <summary>IEEE 754 double precision.</summary>
    Float64,

    /// <summary>Signed 32-bit integer, for class labels and keys.</summary>
    Int32,

    /// <summary>Signed 64-bit integer, for event time and row numbers.</summary>
    Int64,
}
