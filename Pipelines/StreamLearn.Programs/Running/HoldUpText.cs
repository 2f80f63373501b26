using System.Globalization;

namespace StreamLearn.Programs;

/// <summary>Which block of a device held up its stream, in words.</summary>
public static class HoldUpText
{
    private const double LeastShare = 0.01;

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>The block that held up the others longest; null: none did for more than a second and one part in a hundred.</summary>
    /// <param name="heldUp">The blocks, the longest first.</param>
    /// <param name="running">How long the run has gone on.</param>
    public static HoldUp? Worst(IReadOnlyList<HoldUp> heldUp, TimeSpan running)
    {
        ArgumentNullException.ThrowIfNull(heldUp);
        return heldUp is [var worst, ..] && worst.Time >= Least && worst.Time > LeastShare * running ? worst : null;
    }

    /// <summary>It as words.</summary>
    /// <param name="heldUp">The block.</param>
    public static string Of(HoldUp heldUp) =>
        string.Create(CultureInfo.InvariantCulture, $"held up by '{heldUp.Block}' for {heldUp.Time.TotalSeconds:0} s");
}
