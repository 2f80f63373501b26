namespace StreamLearn.Tables;

/// <summary>A gap between rows of one device that no window spans.</summary>
/// <param name="Segment">The number of the next part, from 2, even if none follows.</param>
/// <param name="From">The time of the last row before it, in ns.</param>
/// <param name="To">The time of the first row after it, in ns; null if none has arrived.</param>
/// <param name="LeftOut">Incomplete rows dropped in it.</param>
internal readonly record struct RowGap(int Segment, long From, long? To, long LeftOut)
{
    /// <summary>The label of the first row after it; default −1: none.</summary>
    public int Label { get; init; } = -1;
}
