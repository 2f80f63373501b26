using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>RunShard</c>.</summary>
public sealed record RunShardOptions
{
    /// <summary>Sequences held at once, 1 to 1,024; default 8. Use at least the source's number: further ones are dropped, even after
    /// replanning.</summary>
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
