namespace StreamLearn.Formats;

/// <summary>Why a scan of an array stopped.</summary>
internal enum ScanEnd
{
    /// <summary>At the closing bracket.</summary>
    Closed,

    /// <summary>There is no place for the number at the position.</summary>
    Full,

    /// <summary>At something that is not a number, or not one that the column holds.</summary>
    Other,

    /// <summary>At a byte that JSON does not allow there.</summary>
    Bad,
}
