namespace StreamLearn.Arrow;

/// <summary>Settings of <c>FromArrow</c>.</summary>
public sealed record ArrowRowsOptions
{
    /// <summary>Rows of a batch at most; default 1,024. No batch has rows of two of the file's.</summary>
    public int BatchRows { get; init; } = 1024;

    /// <summary>Which columns, and how they become those of a batch; default all, as they are.</summary>
    public ArrowBatchOptions Batches { get; init; } = new();

    /// <summary>What is taken at most; default <see cref="ArrowLimits.Default"/> with messages of 256 MiB, as other tools write, packed
    /// however well: constant columns of a file pack to next to nothing.</summary>
    public ArrowLimits Limits { get; init; } = ArrowLimits.Default with { MaxMessageBytes = 256 << 20, MaxRatio = int.MaxValue };

    internal ArrowRowsOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        Limits.Checked();
        return this;
    }
}
