namespace StreamLearn.Models;

/// <summary>Plausibility checks of received numbers.</summary>
public static class Plausible
{
    /// <summary>Leaves headroom for additions.</summary>
    public const long MaxNumber = long.MaxValue / 2;

    /// <summary>Versions that an aggregator restored from an older state may already have issued.</summary>
    public const long VersionWindow = 1_000_000;

    /// <summary>Tolerated clock lead over the receiver.</summary>
    private static readonly TimeSpan ClockAhead = TimeSpan.FromDays(1);

    /// <summary>An earlier clock was never set and proves nothing.</summary>
    private static readonly DateTimeOffset ClockSet = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The maximum time without newer versions, after which older ones show that the newest's aggregator is gone.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(10);

    /// <summary>A start, in milliseconds since 1970, at most a day ahead.</summary>
    public static bool IsStart(long epoch, DateTimeOffset now) =>
        epoch is >= 0 and <= MaxNumber && (now < ClockSet || epoch <= (now + ClockAhead).ToUnixTimeMilliseconds());

    /// <summary>True for a version that some aggregator can have made.</summary>
    public static bool IsVersion(ModelVersion version) => version is { Epoch: >= 0 and <= MaxNumber, Version: >= 0 and <= MaxNumber };

    /// <summary>True for a version that some aggregator can have made by now.</summary>
    public static bool IsVersion(ModelVersion version, DateTimeOffset now) => IsVersion(version) && IsStart(version.Epoch, now);

    /// <summary>True for a version to hold in the place of another, which came at <paramref name="heldSince"/>.</summary>
    public static bool Replaces(ModelVersion version, ModelVersion held, DateTimeOffset heldSince, DateTimeOffset now) =>
        version > held || (version < held && now - heldSince >= MaxSilence);
}
