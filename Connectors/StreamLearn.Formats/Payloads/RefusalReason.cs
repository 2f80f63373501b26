namespace StreamLearn.Formats;

/// <summary>Why a payload was refused.</summary>
public enum RefusalReason
{
    /// <summary>The payload was not refused.</summary>
    None,

    /// <summary>The JSON is invalid, or there is data after its end.</summary>
    BadJson,

    /// <summary>A path is absent, but its column requires values.</summary>
    MissingPath,

    /// <summary>A value is null, but its column requires values.</summary>
    MissingValue,

    /// <summary>The value at a path has another type, such as a string for a number, or a fraction for an integer.</summary>
    WrongType,

    /// <summary>A number is not finite, or too large for its column.</summary>
    NotFinite,

    /// <summary>A time is not in the declared format, or not between 1678 and 2262 (int64 nanoseconds).</summary>
    BadTime,

    /// <summary>Columns differ in length, or a line has a wrong number of values.</summary>
    UnequalLengths,

    /// <summary>There are too many rows.</summary>
    TooManyRows,

    /// <summary>An object repeats a mapped key.</summary>
    DuplicateKey,

    /// <summary>The length does not give whole rows, or the fixed number of rows.</summary>
    WrongLength,

    /// <summary>A value is not a class of the column.</summary>
    UnknownClass,

    /// <summary>A quote is misplaced or not closed, a line is too long, or the header is invalid.</summary>
    BadCsv,
}
