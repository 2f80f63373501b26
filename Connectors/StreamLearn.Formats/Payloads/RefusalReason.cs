namespace StreamLearn.Formats;

/// <summary>Why a payload was refused.</summary>
public enum RefusalReason
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>The text is not JSON, or goes on after its end.</summary>
    BadJson,

    /// <summary>A path leads to nothing, and its column may not be missing.</summary>
    MissingPath,

    /// <summary>A value is null, and its column may not be missing.</summary>
    MissingValue,

    /// <summary>A path leads to something else than it says, such as a text where a number is due, or a fraction in a column of
    /// integers.</summary>
    WrongType,

    /// <summary>A number is not finite, or too large for its column.</summary>
    NotFinite,

    /// <summary>A time is not written as the path map says, or not between 1678 and 2262, which nanoseconds in an int64 span.</summary>
    BadTime,

    /// <summary>Columns have different numbers of values, or a line has fewer or more values than there are columns.</summary>
    UnequalLengths,

    /// <summary>There are more rows than allowed.</summary>
    TooManyRows,

    /// <summary>An object has a key of a path twice.</summary>
    DuplicateKey,

    /// <summary>The payload's length is not that of whole rows, or not that of the fixed number of rows.</summary>
    WrongLength,

    /// <summary>A text is none of the column's classes.</summary>
    UnknownClass,

    /// <summary>A quote stands inside a value or is never closed, a line is too long, or the first one does not name the columns.</summary>
    BadCsv,
}
