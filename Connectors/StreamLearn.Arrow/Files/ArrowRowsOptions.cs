namespace StreamLearn.Arrow;

/// <summary>Settings of <c>FromArrow</c>.</summary>
public sealed record ArrowRowsOptions
{
    /// <summary>Maximum rows of a batch; default 1,024. A batch never spans two batches of the file.</summary>
    public int BatchRows { get; init; } = 1024;

    /// <summary>Column selection and conversion; default all, unchanged.</summary>
    public ArrowBatchOptions Batches { get; init; } = new();

    /// <summary>Size limits; default <see cref="ArrowLimits.Default"/> with messages of 256 MiB, as other tools write, and any compression
    /// ratio: constant columns compress to almost nothing.</summary>
    public ArrowLimits Limits { get; init; } = ArrowLimits.Default with { MaxMessageBytes = 256 << 20, MaxRatio = int.MaxValue };

    internal ArrowRowsOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        Limits.Checked();
        return this;
    }
}
