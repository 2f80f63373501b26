namespace StreamLearn.Operators;

/// <summary>What is wrong with a quarantined row: the values of the int32 column <c>fault</c>. A row with several faults has the first of
/// this list.</summary>
public enum RowFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Its time is missing, or before 1824 or after 2115: <c>bad-time</c>.</summary>
    BadTime = 1,

    /// <summary>Its time is ahead of the source's clock: <c>future</c>.</summary>
    Future = 2,

    /// <summary>Its time is not after that of a row before it: <c>backwards</c>.</summary>
    Backwards = 3,

    /// <summary>A channel is NaN or infinite: <c>non-finite</c>.</summary>
    NonFinite = 4,

    /// <summary>A channel is outside its range: <c>range</c>.</summary>
    Range = 5,

    /// <summary>A channel has not moved for too long: <c>stuck</c>.</summary>
    Stuck = 6,

    /// <summary>All its windows have been emitted: <c>late</c>.</summary>
    Late = 7,
}
