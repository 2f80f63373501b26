namespace StreamLearn.Nodes;

internal sealed record OffloadEpisodesOptions
{
    /// <summary>Relative deviation of computation times, 0 to 1; default 0.05. Factor: max(0.2, 1 + jitter · N(0, 1)).</summary>
    public double Jitter { get; init; } = 0.05;

    /// <summary>Batches averaged in a step, at least 1; default 5.</summary>
    public int MeasuredBatches { get; init; } = 5;

    /// <summary>Batches averaged for a device that is more than ten times as fast as the slowest; default 50.</summary>
    public int FastMeasuredBatches { get; init; } = 50;

    /// <summary>Bits per second to which the link of one device at a time drops; null (default): none.</summary>
    public double? DropBitsPerSecond { get; init; }

    /// <summary>Steps until another device, or none, has the slow link; at least 1, default 10.</summary>
    public int DropSteps { get; init; } = 10;
}
