using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Which rows of a device are not learned from: the last ones of each block, in the order in which they come.</summary>
/// <remarks>
/// Blocks, not single rows: neighbors in time are alike, and a row whose neighbors are learned from says little. A device that holds back
/// all of its rows only judges: a person who wears it is then one of whom nobody has learned.
/// </remarks>
public sealed record HoldBackOptions
{
    /// <summary>Share of the rows of a block that are held back, above 0; 1: the device learns from none. Default 0.125.</summary>
    public double Share { get; init; } = 0.125;

    /// <summary>Rows of a block; a device that has not seen so many may hold back none. Rows, at least 1; default 64.</summary>
    public int BlockRows { get; init; } = 64;

    /// <summary>Rows held back that are kept, a uniform sample of them. Rows, at least 1; default 64.</summary>
    public int BufferRows { get; init; } = 64;

    /// <summary>True if a row is held back. <paramref name="number"/>: of the row among all that have come, from 0.</summary>
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

    /// <inheritdoc />
    public override string ToString() => Share == 1 ? "judges only"
        : string.Create(CultureInfo.InvariantCulture, $"holds back {Share} of each {BlockRows} rows");
}
