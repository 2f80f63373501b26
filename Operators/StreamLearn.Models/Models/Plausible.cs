namespace StreamLearn.Models;

/// <summary>Checks whether received numbers are plausible.</summary>
public static class Plausible
{
    /// <summary>Leaves headroom for additions.</summary>
    public const long MaxNumber = long.MaxValue / 2;

    /// <summary>Versions that an aggregator restored from an older state may already have issued.</summary>
    public const long VersionWindow = 1_000_000;

    /// <summary>How far a sender's clock may be ahead of the receiver's.</summary>
    private static readonly TimeSpan ClockAhead = TimeSpan.FromDays(1);

    /// <summary>Before this time, the clock was never set and proves nothing.</summary>
    private static readonly DateTimeOffset ClockSet = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Maximum time without newer versions. Then older versions show that the aggregator of the newest one is gone.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(10);

    /// <summary>Returns true for a start, in milliseconds since 1970, that is at most a day ahead.</summary>
    public static bool IsStart(long epoch, DateTimeOffset now) =>
        epoch is >= 0 and <= MaxNumber && (now < ClockSet || epoch <= (now + ClockAhead).ToUnixTimeMilliseconds());

    /// <summary>Returns true for a version that an aggregator can have made.</summary>
    public static bool IsVersion(ModelVersion version) => version is { Epoch: >= 0 and <= MaxNumber, Version: >= 0 and <= MaxNumber };

    /// <summary>Returns true for a version that an aggregator can have made by now.</summary>
    public static bool IsVersion(ModelVersion version, DateTimeOffset now) => IsVersion(version) && IsStart(version.Epoch, now);

    /// <summary>Returns true if a version replaces the one that has been held since <paramref name="heldSince"/>.</summary>
    public static bool Replaces(ModelVersion version, ModelVersion held, DateTimeOffset heldSince, DateTimeOffset now) =>
        version > held || (version < held && now - heldSince >= MaxSilence);
}
