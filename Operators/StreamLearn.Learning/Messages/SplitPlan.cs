namespace StreamLearn.Learning;

/// <summary>A control message that moves the split of a model while it is trained on the device; the edge follows. Immutable.</summary>
public sealed record SplitPlan : ISized, IReplaceable
{
    /// <summary>The device; null: every device.</summary>
    public string? Device { get; init; }

    /// <summary>Layers on the device from then on: 0 for none, the model's number of layers for all.</summary>
    public required int Split { get; init; }

    /// <summary>The number of the first affected batch; 0: the next one.</summary>
    public long FromSequence { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64;

    /// <inheritdoc />
    public string ReplacementKey => Device ?? "";

    internal static SplitPlan? Fields(ref FrameFields f, SplitPlan? p)
    {
        var (split, from) = (f.Int(p?.Split, min: 0), f.Long(p?.FromSequence));
        var device = f.Has(FrameFlags.Device, p?.Device is not null) ? f.Text(p?.Device) : null;
        return !f.HasRead() ? p : new() { Split = split, FromSequence = from, Device = device };
    }
}
