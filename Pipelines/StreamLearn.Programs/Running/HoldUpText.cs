namespace StreamLearn.Programs;

/// <summary>Describes which block delayed a device's stream.</summary>
internal static class HoldUpText
{
    private const double MinShare = 0.01;

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Returns the block that delayed others longest; null: none for more than a second and one percent of the run.</summary>
    /// <param name="heldUp">The blocks, the longest first.</param>
    /// <param name="running">The run's duration.</param>
    public static HoldUp? Worst(IReadOnlyList<HoldUp> heldUp, TimeSpan running)
    {
        ArgumentNullException.ThrowIfNull(heldUp);
        return heldUp is [var worst, ..] && worst.Time >= Least && worst.Time > MinShare * running ? worst : null;
    }

    /// <summary>Returns the description.</summary>
    /// <param name="heldUp">The block.</param>
    public static string Of(HoldUp heldUp) =>
        string.Create(CultureInfo.InvariantCulture, $"slowed down by '{heldUp.Block}' for {heldUp.Time.TotalSeconds:0} s");
}
