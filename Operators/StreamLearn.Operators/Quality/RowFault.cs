namespace StreamLearn.Operators;

/// <summary>The fault of a quarantined row, which is the value of the int32 column <c>fault</c>. If there are several faults, it is the
/// first in this list.</summary>
public enum RowFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>The row's time is missing, or before 1824 or after 2115: <c>bad-time</c>.</summary>
    BadTime = 1,

    /// <summary>The row's time is ahead of the source's clock: <c>future</c>.</summary>
    Future = 2,

    /// <summary>The row's time is not after an earlier row's: <c>backwards</c>.</summary>
    Backwards = 3,

    /// <summary>A channel is NaN or infinite: <c>non-finite</c>.</summary>
    NonFinite = 4,

    /// <summary>A channel is outside its range: <c>range</c>.</summary>
    Range = 5,

    /// <summary>A channel stayed constant for too long: <c>stuck</c>.</summary>
    Stuck = 6,

    /// <summary>All windows of the row were already emitted: <c>late</c>.</summary>
    Late = 7,
}
