namespace StreamLearn.Formats;

internal enum ScanEnd
{
    Closed,

    Full,

    /// <summary>The input is not a number, or not one of the column's type.</summary>
    Other,

    Bad,
}
