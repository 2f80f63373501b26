namespace StreamLearn.Formats;

internal enum ScanEnd
{
    Closed,

    /// <summary>No space for the next number.</summary>
    Full,

    /// <summary>Not a number, or not one of the column's type.</summary>
    Other,

    /// <summary>Invalid JSON.</summary>
    Bad,
}
