namespace StreamLearn.Models;

/// <summary>Which numbers of a message can be true, by what its receiver knows itself.</summary>
public static class Plausible
{
    /// <summary>The greatest number that is taken from a message: whatever is added to it, a state can hold.</summary>
    public const long MaxNumber = long.MaxValue / 2;

    /// <summary>Versions above its own newest that an aggregator from an older copy of its state may have made before.</summary>
    public const long VersionWindow = 1_000_000;

    /// <summary>How far a clock may be ahead of the receiver's.</summary>
    private static readonly TimeSpan ClockAhead = TimeSpan.FromDays(1);

    /// <summary>A clock that shows an earlier time was never set: it says nothing of what lies ahead.</summary>
    private static readonly DateTimeOffset ClockSet = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Time without a newer version after which earlier ones show that the aggregator of the newest is gone.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(10);

    /// <summary>True for a start, in milliseconds since 1970, up to the present and a day.</summary>
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
