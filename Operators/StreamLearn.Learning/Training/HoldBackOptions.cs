using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Selects validation rows of a device: the last ones of each block, in order of arrival.</summary>
/// <remarks>Blocks, because neighboring rows are similar. A device that holds back all rows only evaluates, so its data tests an unseen
/// person.</remarks>
internal sealed record HoldBackOptions
{
    /// <summary>Share of a block's rows held back, above 0; 1: the device does not learn. Default 0.125.</summary>
    public double Share { get; init; } = 0.125;

    /// <summary>Rows of a block; devices with fewer rows may hold back none. Rows, at least 1; default 64.</summary>
    public int BlockRows { get; init; } = 64;

    /// <summary>Uniform sample of held-back rows kept. Rows, at least 1; default 64.</summary>
    public int BufferRows { get; init; } = 64;

    /// <summary><paramref name="number"/>: arrival number of the row, from 0.</summary>
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
