using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>What became of an update.</summary>
public enum UpdateOutcome
{
    /// <summary>Accepted; waits for the end of its round.</summary>
    Held,

    /// <summary>The update went into a version, or only announced the device.</summary>
    Applied,

    /// <summary>The update was refused.</summary>
    Refused,
}

/// <summary>The outcome of one update from a device.</summary>
/// <param name="Sequence">Its number within the device's epoch.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Reason">The reason for a refusal; null otherwise.</param>
/// <param name="Fingerprint">Hash of the update's content, because a device that resumed from an older state may reuse a number. 0
/// (default): unknown.</param>
public readonly record struct UpdateFate(long Sequence, UpdateOutcome Outcome, string? Reason = null, uint Fingerprint = 0);

/// <summary>An aggregator's answer to a device: outcomes of its updates, and the version to hold. Immutable.</summary>
/// <remarks>Each receipt lists every update seen among the device's last <see cref="MaxFates"/> numbers, so a later receipt can replace an
/// earlier one. An update that is not listed is unanswered.</remarks>
public sealed record Receipt : ISized, IReplaceable
{
    /// <summary>Sequence numbers that a receipt covers.</summary>
    public const int MaxFates = 64;

    /// <summary>Maximum size of <see cref="Model"/> in bytes.</summary>
    public const int MaxModelBytes = 256 << 10;

    private const int MaxReasonBytes = 64;

    /// <summary>The device that receives it, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device { get; init => field = DeviceName.Checked(value, nameof(Device)); }

    /// <summary>Start of the device that made the updates.</summary>
    public required long Epoch { get; init; }

    /// <summary>The aggregator, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Aggregator { get; init => field = DeviceName.Checked(value, nameof(Aggregator)); }

    /// <summary>The aggregator's newest version.</summary>
    public required ModelVersion Newest { get; init; }

    /// <summary>The version that the device should return, because the aggregator's state is older; null (default): none.</summary>
    public ModelVersion? Wanted { get; init; }

    /// <summary>Outcomes of the device's updates, newest first; at most <see cref="MaxFates"/>.</summary>
    public required ImmutableArray<UpdateFate> Fates { get; init; }

    /// <summary>A description of the fleet's model, defined by the program, for a device with another model; empty (default): none. At most
    /// <see cref="MaxModelBytes"/>.</summary>
    public ImmutableArray<byte> Model { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <inheritdoc />
    public long SizeBytes => 128 + (24L * Fates.Length) + Model.Length;

    /// <summary>A later receipt replaces an earlier one; model descriptions have their own key.</summary>
    public string ReplacementKey => Model.IsEmpty ? Aggregator : $"model of {Aggregator}";

    /// <summary>Returns the outcome of an update; null: unanswered.</summary>
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

    /// <summary>Outcomes are written relative to the newest sequence: distance (1 byte), outcome (1 byte), reason if refused.</summary>
    internal static Receipt? Fields(ref FrameFields f, Receipt? r)
    {
        var (device, epoch, aggregator) = (f.Text(r?.Device), f.Long(r?.Epoch), f.Text(r?.Aggregator));
        var newest = f.Version(r?.Newest);
        var count = f.Byte((byte?)r?.Fates.Length, MaxFates);
        var sequence = f.Long(r?.Fates is [var first, ..] ? first.Sequence : 0);
        if (f.IsReading && (f.Failed || newest.Version < 0)) { return null; }
        var fates = f.IsReading ? new UpdateFate[count] : ImmutableCollectionsMarshal.AsArray(r!.Fates)!;
        for (var (i, last) = (0, -1); i < fates.Length; i++)
        {
            var fate = fates[i];
            int back = f.Byte((byte)(sequence - fate.Sequence), MaxFates - 1);
            var outcome = (UpdateOutcome)f.Byte((byte)fate.Outcome, (byte)UpdateOutcome.Refused);
            var isRefused = f.IsReading ? outcome == UpdateOutcome.Refused : fate.Reason is not null;
            var reason = isRefused ? f.Text(fate.Reason, MaxReasonBytes) : null;
            if (f.HasRead(back > last)) { fates[i] = new(sequence - back, outcome, reason); }
            last = back;
        }

        var hasFingerprints = f.Has(FrameFlags.Fingerprints, !f.IsReading && fates.Any(static fate => fate.Fingerprint != 0));
        for (var i = 0; hasFingerprints && i < fates.Length; i++)
        {
            var fingerprint = (uint)f.Int((int)fates[i].Fingerprint);
            if (f.IsReading) { fates[i] = fates[i] with { Fingerprint = fingerprint }; }
        }

        var wanted = f.Held(r?.Wanted);
        var hasModel = f.Has(FrameFlags.Model, r?.Model.IsEmpty == false);
        var model = hasModel ? f.Content(r?.Model, MaxModelBytes) : [];
        return !f.HasRead(hasModel != model.IsEmpty && (count == 0 || fates[0].Sequence == sequence)) ? r : new()
        {
            Device = device,
            Epoch = epoch,
            Aggregator = aggregator,
            Newest = newest,
            Wanted = wanted,
            Fates = ImmutableCollectionsMarshal.AsImmutableArray(fates),
            Model = model,
        };
    }
}
