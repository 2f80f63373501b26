namespace StreamLearn.Learning;

/// <summary>Outcome of an update.</summary>
public enum UpdateOutcome
{
    /// <summary>Accepted; waits for the end of its round.</summary>
    Held,

    /// <summary>The update went into a version, or only announced the device.</summary>
    Applied,

    /// <summary>The update was refused.</summary>
    Refused,
}

/// <summary>Outcome of one update of a device.</summary>
/// <param name="Sequence">Its number within the device's epoch.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Reason">The reason for a refusal; null otherwise.</param>
/// <param name="Fingerprint">Hash of the update's content: a device resumed from an older state may reuse a number. 0, the default:
/// unknown.</param>
public readonly record struct UpdateFate(long Sequence, UpdateOutcome Outcome, string? Reason = null, uint Fingerprint = 0);

/// <summary>An aggregator's answer to a device: outcomes of its updates, and the version to hold. Immutable.</summary>
/// <remarks>Each receipt lists every update seen among the device's last <see cref="MaxFates"/> numbers, so a later receipt replaces an
/// earlier one. An unlisted update is unanswered.</remarks>
public sealed record Receipt : ISized, IReplaceable
{
    /// <summary>Sequence numbers that a receipt covers. Updates.</summary>
    public const int MaxFates = 64;

    /// <summary>Maximum bytes of <see cref="Model"/>.</summary>
    public const int MaxModelBytes = 256 << 10;

    /// <summary>The receiving device, 1 to 256 bytes in UTF-8.</summary>
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

    /// <summary>The aggregator's newest version.</summary>
    public required ModelVersion Newest { get; init; }

    /// <summary>The version requested from the device, because the aggregator's state is older; null, the default: none.</summary>
    public ModelVersion? Wanted { get; init; }

    /// <summary>Outcomes of the device's updates, newest first; at most <see cref="MaxFates"/>.</summary>
    public required ImmutableArray<UpdateFate> Fates { get; init; }

    /// <summary>Program-defined description of the fleet's model, for a device with another model; empty, the default: none. At most
    /// <see cref="MaxModelBytes"/>.</summary>
    public ImmutableArray<byte> Model { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <inheritdoc />
    public long SizeBytes => 128 + (24L * Fates.Length) + Model.Length;

    /// <summary>A later receipt replaces an earlier one; model descriptions have their own key.</summary>
    public string ReplacementKey => Model.IsEmpty ? Aggregator : $"model of {Aggregator}";

    /// <summary>Returns the outcome of an update; null: unanswered.</summary>
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
