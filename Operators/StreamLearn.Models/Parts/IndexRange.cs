namespace StreamLearn.Models;

/// <summary>A range of feature map lines or channels, end exclusive.</summary>
/// <param name="From">The first item, from 0.</param>
/// <param name="To">One past the last item.</param>
public readonly record struct IndexRange(int From, int To)
{
    /// <summary>Number of items.</summary>
    public int Count => To - From;

    /// <inheritdoc />
    public override string ToString() => $"[{From}, {To})";
}
