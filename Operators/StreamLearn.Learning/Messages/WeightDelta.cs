using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>What a device learned from a model version: its values minus those of the version or, if it continued without a newer version,
/// minus those of its last update. Statistics are always relative to the version. Immutable.</summary>
/// <remarks>Its identity is (device, epoch, sequence). An aggregator applies each update once.</remarks>
public sealed record WeightDelta : DeviceMessage, ISized, ITagged, ISentOnTopic<WeightDelta>
{
    /// <summary>The topic's device, if it is not <see cref="DeviceMessage.Device"/>: an aggregator refuses the update. Null,
    /// the default: same device, or no topic. Not serialized: codecs write an empty update of that device.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>The base model version.</summary>
    public required long BaseVersion { get; init; }

    /// <summary>The start of the aggregator that made that version; 0 (default): the initial model.</summary>
    public long BaseEpoch { get; init; }

    /// <summary>The newest version held when sending; null, the default: unknown.</summary>
    public ModelVersion? Held { get; init; }

    /// <summary>True if it is a resend that was not answered yet.</summary>
    public bool IsResent { get; init; }

    /// <summary>Time spent waiting for credit before the round; default zero.</summary>
    public TimeSpan CreditWait { get; init; }

    /// <summary>Number of processed samples: rows times repetitions; 0 while logits are adjusted and only one class was seen.</summary>
    public required int Samples { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The changes, float32, in slice order.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <summary>Moments of the rows since the last update; null: there were no rows.</summary>
    public ChannelMoments? Moments { get; init; }

    /// <summary>Optimizer steps, including those rolled back.</summary>
    public int Steps { get; init; }

    /// <summary>Steps rolled back for a loss or weights that were not finite; their rows are not samples. Default 0.</summary>
    public int RolledBack { get; init; }

    /// <summary>Mean training loss of the steps that were kept.</summary>
    public float Loss { get; init; }

    /// <summary>Time since the base version was received, by the device's clock; zero: unknown. It ends with the last step if there is an
    /// <see cref="Estimate"/>, otherwise when the call that made the update begins.</summary>
    public TimeSpan RoundTime { get; init; }

    /// <summary>True if the device has ended and is no longer a member.</summary>
    public bool Leaving { get; init; }

    /// <summary>Requested measurements at the base version; null, the default: not requested.</summary>
    public DeviceEstimate? Estimate { get; init; }

    /// <summary>Loss of the base version on validation rows; null (default): none are held back.</summary>
    public HeldBackLoss? HeldBack { get; init; }

    /// <summary>True if the device's rows are used up, or it only evaluates: rounds do not wait for it until an update with steps. Default
    /// false.</summary>
    public bool Resting { get; init; }

    /// <summary>The encoded form of <see cref="Values"/>; null (default): raw. Replacing the values clears it.</summary>
    public CodedValues? Coded { get => field is { } coded && coded.Values == Values ? coded : null; init; }

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Values.Length) + (16L * (Moments?.Channels ?? 0))
        + (Estimate is { } estimate ? 40 + (4L * estimate.Values) : 0);

    /// <summary>Size of the encoded message in bytes, which is less than in memory if many values are 0. It scans all values.</summary>
    public long EncodedBytes => DeltaCodec.BytesOf(this);

    /// <inheritdoc />
    public MessageTags Tags => new(BaseVersion: BaseVersion, SchemaHash: SchemaHash);

    /// <summary>Distinguishes updates with the same number; does not depend on resends and encoding. Never 0.</summary>
    public uint Fingerprint
    {
        get
        {
            var hash = BitOperations.Crc32C((uint)BitConverter.SingleToInt32Bits(Loss), (ulong)BaseVersion);
            hash = BitOperations.Crc32C(hash, (ulong)BaseEpoch);
            hash = BitOperations.Crc32C(hash, (ulong)RoundTime.Ticks);
            hash = BitOperations.Crc32C(hash, (ulong)CreditWait.Ticks);
            if (Moments is { } moments)
            {
                hash = BitOperations.Crc32C(hash, (ulong)moments.Count);
                foreach (var mean in moments.Mean) { hash = BitOperations.Crc32C(hash, BitConverter.DoubleToUInt64Bits(mean)); }
            }

            return Math.Max(1, hash);
        }
    }

    private int Kept => Steps - RolledBack;

    private ModelVersion Base => new(BaseEpoch, BaseVersion);

    /// <summary>Merges two updates of a device, for <see cref="Flow{T}.Coalesce"/>: adds changes and counts, and merges moments.</summary>
    /// <remarks>It keeps the older base version and the newer identity. Not for devices with receipts, because the older identity gets no
    /// answer and the device sends it again.</remarks>
    /// <exception cref="ArgumentException">The devices or schemas differ.</exception>
    public static WeightDelta Add(WeightDelta a, WeightDelta b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Device != b.Device)
        {
            throw new ArgumentException($"expected an update of '{a.Device}', got one of '{b.Device}'", nameof(b));
        }
        if (a.SchemaHash != b.SchemaHash || a.Values.Length != b.Values.Length)
        {
            throw new ArgumentException("expected two updates of one schema", nameof(b));
        }

        var values = new float[a.Values.Length];
        for (var i = 0; i < values.Length; i++) { values[i] = a.Values[i] + b.Values[i]; }
        var newest = (a.Epoch, a.Sequence).CompareTo((b.Epoch, b.Sequence)) > 0 ? a : b;
        var @base = a.Base < b.Base ? a.Base : b.Base;
        var (steps, kept) = (a.Steps + b.Steps, a.Kept + b.Kept);
        return newest with
        {
            BaseVersion = @base.Version,
            BaseEpoch = @base.Epoch,
            Samples = a.Samples + b.Samples,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
            Moments = ChannelMoments.Merge(a.Moments, b.Moments),
            Steps = steps,
            RolledBack = a.RolledBack + b.RolledBack,
            Loss = kept == 0 ? 0 : (float)((((double)a.Loss * a.Kept) + ((double)b.Loss * b.Kept)) / kept),
            RoundTime = a.RoundTime + b.RoundTime,
            CreditWait = a.CreditWait + b.CreditWait,
            Leaving = a.Leaving || b.Leaving,
        };
    }

    /// <inheritdoc />
    public WeightDelta SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };

    /// <summary>The update that is written if it comes from a foreign topic: an empty one from the topic's device.</summary>
    internal WeightDelta OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = 0, Sequence = 0, BaseVersion = 0, Samples = 0, SchemaHash = 0, Values = [] };

    /// <inheritdoc />
    public override string ToString() =>
        $"update {Device}/{Epoch}/{Sequence} of version {BaseVersion}, {Samples} samples{(Leaving ? ", leaving" : "")}";
}
