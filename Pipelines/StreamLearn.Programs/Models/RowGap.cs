namespace StreamLearn.Programs;

/// <summary>A gap between rows of one device that no window spans.</summary>
/// <param name="Segment">The number of the part that begins after it, from 2; of one at the end, that of no part.</param>
/// <param name="From">The time of the last row before it, in ns.</param>
/// <param name="To">The time of the first row after it; null: none has come.</param>
/// <param name="LeftOut">Rows in it that lacked a value.</param>
public readonly record struct RowGap(int Segment, long From, long? To, long LeftOut)
{
    /// <summary>The label of the first row after it; −1, the default: it has none.</summary>
    public int Label { get; init; } = -1;
}
