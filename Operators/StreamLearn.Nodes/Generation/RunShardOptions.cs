using System.Globalization;
using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>RunShard</c>.</summary>
public sealed record RunShardOptions
{
    /// <summary>Sequences that are held at the same time, 1 to 1,024; default 8. One more is dropped, and its source plans anew without
    /// success: give stages as many as the source has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public int MaxSequences
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1024);
            field = value;
        }
    } = 8;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{MaxSequences} sequences at most");
}
