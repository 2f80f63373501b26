using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>What has become of an update.</summary>
public enum UpdateOutcome
{
    /// <summary>It was accepted, and waits for the end of its round.</summary>
    Held,

    /// <summary>It went into a version, or was no more than an announcement that has been heard.</summary>
    Applied,

    /// <summary>It was refused.</summary>
    Refused,
}

/// <summary>What has become of one update of a device.</summary>
/// <param name="Sequence">Its number within the device's epoch.</param>
/// <param name="Outcome">What has become of it.</param>
/// <param name="Reason">Why it was refused; null if it was not.</param>
/// <param name="Fingerprint">Of what the update says: a device that resumed from an older state gives a number to two updates. 0, the
/// default: not known.</param>
public readonly record struct UpdateFate(long Sequence, UpdateOutcome Outcome, string? Reason = null, uint Fingerprint = 0);

/// <summary>An aggregator's answer to a device: what has become of its updates, and which version it should hold. Immutable.</summary>
/// <remarks>
/// Each receipt lists what has become of all updates among the last <see cref="MaxFates"/> numbers of the device that the aggregator
/// has seen, so that a later receipt replaces an earlier one. An update that is not listed is not answered.
/// </remarks>
public sealed record Receipt : ISized, IReplaceable
{
    /// <summary>Numbers that a receipt looks back on. Updates.</summary>
    public const int MaxFates = 64;

    /// <summary>Bytes of <see cref="Model"/> at most.</summary>
    public const int MaxModelBytes = 256 << 10;

    /// <summary>The device that it is for, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Start of the device that made the updates.</summary>
    public required long Epoch { get; init; }

    /// <summary>The aggregator, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Aggregator
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Aggregator));
    }

    /// <summary>The newest version that the aggregator had made.</summary>
    public required ModelVersion Newest { get; init; }

    /// <summary>The version that the aggregator asks the device for, as its own state is an older one; null, the default: none.</summary>
    public ModelVersion? Wanted { get; init; }

    /// <summary>What has become of the device's updates, newest first; at most <see cref="MaxFates"/>.</summary>
    public required ImmutableArray<UpdateFate> Fates { get; init; }

    /// <summary>What the fleet's model is, in bytes that the program gives a meaning, for a device of another one; empty, the default:
    /// nothing is said of it. At most <see cref="MaxModelBytes"/>.</summary>
    public ImmutableArray<byte> Model { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <inheritdoc />
    public long SizeBytes => 128 + (24L * Fates.Length) + Model.Length;

    /// <summary>A later receipt replaces an earlier one; what is said of the model stands beside it.</summary>
    public string ReplacementKey => Model.IsEmpty ? Aggregator : $"model of {Aggregator}";

    /// <summary>What has become of an update; null if it is not answered.</summary>
    /// <param name="sequence">The update's number.</param>
    public UpdateFate? FateOf(long sequence)
    {
        foreach (var fate in Fates)
        {
            if (fate.Sequence == sequence) { return fate; }
        }

        return null;
    }

    /// <inheritdoc />
    public override string ToString() => $"receipt of {Aggregator} for {Device}/{Epoch}, {Fates.Length} updates, newest version {Newest}";
}
