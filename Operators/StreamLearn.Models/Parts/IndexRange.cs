namespace StreamLearn.Models;

/// <summary>A range of lines of a feature map, or of channels: from the first up to the one before the end.</summary>
/// <param name="From">The first one, from 0.</param>
/// <param name="To">The one after the last.</param>
public readonly record struct IndexRange(int From, int To)
{
    /// <summary>How many there are.</summary>
    public int Count => To - From;

    /// <inheritdoc />
    public override string ToString() => $"[{From}, {To})";
}
