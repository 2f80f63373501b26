namespace StreamLearn.Compression;

/// <summary>A beam, which expands the best <paramref name="Histogram"/> hypotheses that have at least <paramref name="Threshold"/> times
/// the best probability.</summary>
/// <param name="Histogram">Maximum number of hypotheses n, at least 1; default <see cref="int.MaxValue"/>: all.</param>
/// <param name="Threshold">Share α of the best probability, in [0, 1]; default 0: all.</param>
public sealed record Beam(int Histogram = int.MaxValue, float Threshold = 0)
{
    /// <summary>All hypotheses: exact decoding.</summary>
    public static Beam All { get; } = new();

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Histogram, 1);
        if (!(Threshold is >= 0 and <= 1)) { throw new ArgumentException($"expected a threshold in [0, 1], got {Threshold}"); }
    }
}
