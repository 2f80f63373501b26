namespace StreamLearn.Arrow;

internal sealed record ArrowRowsOptions
{
    public int BatchRows { get; init; } = 1024;

    public ArrowBatchOptions Batches { get; init; } = new();

    /// <summary>Messages as other tools write them, with any ratio, because constant columns compress to almost nothing.</summary>
    public ArrowLimits Limits { get; init; } = ArrowLimits.Default with { MaxMessageBytes = 256 << 20, MaxRatio = int.MaxValue };

    internal ArrowRowsOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        Limits.Checked();
        return this;
    }
}
