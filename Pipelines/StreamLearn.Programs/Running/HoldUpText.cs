namespace StreamLearn.Programs;

internal static class HoldUpText
{
    private const double MinShare = 0.01;

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Returns the block that delayed others longest; null if none did for more than a second and one percent of the
    /// run.</summary>
    public static HoldUp? Worst(IReadOnlyList<HoldUp> heldUp, TimeSpan running) =>
        heldUp is [var worst, ..] && worst.Time >= Least && worst.Time > MinShare * running ? worst : null;

    public static string Of(HoldUp heldUp) =>
        string.Create(CultureInfo.InvariantCulture, $"slowed down by '{heldUp.Block}' for {heldUp.Time.TotalSeconds:0} s");
}
