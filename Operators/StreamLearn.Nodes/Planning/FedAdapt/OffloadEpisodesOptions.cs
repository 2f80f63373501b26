namespace StreamLearn.Nodes;

/// <summary>How <see cref="OffloadEpisodes"/> measures, and which links become slow.</summary>
public sealed record OffloadEpisodesOptions
{
    /// <summary>Relative standard deviation of the time of a computation, 0 to 1; default 0.05. The factor is max(0.2, 1 + jitter ·
    /// N(0, 1)).</summary>
    public double Jitter { get; init; } = 0.05;

    /// <summary>Batches whose mean time is measured in a step, at least 1; default 5.</summary>
    public int MeasuredBatches { get; init; } = 5;

    /// <summary>The same of a device that is more than ten times as fast as the slowest one; default 50.</summary>
    public int FastMeasuredBatches { get; init; } = 50;

    /// <summary>Bits a second to which the link of one device at a time drops; null, the default: none does.</summary>
    public double? DropBitsPerSecond { get; init; }

    /// <summary>Steps after which another device, or none, has the slow link; at least 1, default 10.</summary>
    public int DropSteps { get; init; } = 10;
}
