using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Selects validation rows of a device: the last ones of each block, in order of arrival.</summary>
/// <remarks>Blocks, because neighboring rows are similar. A device that holds back all rows tests the model on an unseen person.</remarks>
internal sealed record HoldBackOptions
{
    /// <summary>Share of each block's rows that is held back, above 0; 1: the device does not learn. Default 0.125.</summary>
    public double Share { get; init; } = 0.125;

    /// <summary>Rows per block, at least 1; default 64. Devices with fewer rows may hold back none.</summary>
    public int BlockRows { get; init; } = 64;

    /// <summary>Number of held-back rows kept, as a uniform sample; at least 1, default 64.</summary>
    public int BufferRows { get; init; } = 64;

    /// <summary><paramref name="number"/>: number of the row in order of arrival, from 0.</summary>
    internal bool Holds(long number) => number % BlockRows >= BlockRows - Math.Max(1, Math.Round(Share * BlockRows));

    internal void Check()
    {
        if (!(Share is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Share), Share, "expected a share above 0, at most 1");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(BlockRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferRows, 1);
    }

    public override string ToString() => Share == 1 ? "judges only"
        : string.Create(CultureInfo.InvariantCulture, $"holds back {Share} of each {BlockRows} rows");
}
