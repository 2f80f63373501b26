namespace StreamLearn.Formats;

/// <summary>Why a payload was refused.</summary>
public enum RefusalReason
{
    /// <summary>Not refused.</summary>
    None,

    /// <summary>Invalid JSON, or data after its end.</summary>
    BadJson,

    /// <summary>A path is absent, and its column requires values.</summary>
    MissingPath,

    /// <summary>A value is null, and its column requires values.</summary>
    MissingValue,

    /// <summary>A path has another type, such as text for a number, or a fraction for an integer.</summary>
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

    /// <summary>The length is not of whole rows, or not of the fixed number.</summary>
    WrongLength,

    /// <summary>A text is not a class of the column.</summary>
    UnknownClass,

    /// <summary>A misplaced or unclosed quote, a line that is too long, or an invalid header.</summary>
    BadCsv,
}
