namespace StreamLearn.Formats;

internal enum ScanEnd
{
    Closed,

    /// <summary>There is no space for the next number.</summary>
    Full,

    /// <summary>The text is not a number, or not one of the column's type.</summary>
    Other,

    /// <summary>Invalid JSON.</summary>
    Bad,
}
