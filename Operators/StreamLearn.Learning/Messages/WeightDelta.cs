using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>
/// What a device learned since it took a model version: its values minus that version's; of a device that went on from there without a
/// newer one, since its last update. Statistics are told against the version in any case. Immutable.
/// </summary>
/// <remarks>Identity is (device, epoch, sequence): an aggregator applies each once.</remarks>
public sealed record WeightDelta : ISized, ITagged, ISentOnTopic<WeightDelta>
{
    /// <summary>Bytes of a device's name in UTF-8 at most.</summary>
    public const int MaxDeviceBytes = DeviceName.MaxBytes;

    /// <summary>The device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The device that may publish to the topic on which the update came, where that is another one than <see cref="Device"/>:
    /// an aggregator refuses such an update. Null, the default: both are the same, or no topic says. It does not travel: a codec writes an
    /// empty update of that device in its place.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>Start of the device that made the update; rises at each.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of the update within its epoch, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>The model version it was learned from.</summary>
    public required long BaseVersion { get; init; }

    /// <summary>Start of the aggregator that made that version; 0 for the initial model. Default 0.</summary>
    public long BaseEpoch { get; init; }

    /// <summary>The newest version that the device held when it sent the update; null, the default: it does not say.</summary>
    public ModelVersion? Held { get; init; }

    /// <summary>True if it was sent before, and no answer has come.</summary>
    public bool IsResent { get; init; }

    /// <summary>Time that the device waited for credit before it began the round; default zero.</summary>
    public TimeSpan CreditWait { get; init; }

    /// <summary>Samples processed for the update: rows times their repeats; none while only rows of one class were there and logits are
    /// adjusted.</summary>
    public required int Samples { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The differences, float32, in the order of the model plan's slices.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <summary>Moments of the rows since the device's last update; null if there were none.</summary>
    public ChannelMoments? Moments { get; init; }

    /// <summary>Optimizer steps in the update, those that were taken back too.</summary>
    public int Steps { get; init; }

    /// <summary>
    /// Steps of these that were taken back, because a loss or weights were not finite; their rows do not count as samples. Default 0.
    /// </summary>
    public int RolledBack { get; init; }

    /// <summary>Mean training loss of the steps that were not taken back.</summary>
    public float Loss { get; init; }

    /// <summary>Time from the pull of the base version to the last step, by the device's clock; zero if it is not known. Of an update with
    /// an <see cref="Estimate"/> to the end of that step, of others to the beginning of the call that made it.</summary>
    public TimeSpan RoundTime { get; init; }

    /// <summary>True if the device has ended: it is no longer a member.</summary>
    public bool Leaving { get; init; }

    /// <summary>What it measured at the base version, where it is asked for that; null, the default: it was not.</summary>
    public DeviceEstimate? Estimate { get; init; }

    /// <summary>What it measured of the base version on rows that it does not learn from; null, the default: it holds none back.</summary>
    public HeldBackLoss? HeldBack { get; init; }

    /// <summary>True if the device has learned from its rows as often as it may, or only judges: no round waits for it until an update with
    /// steps comes. Default false.</summary>
    public bool Resting { get; init; }

    /// <summary>The form in which <see cref="Values"/> travel; null, the default: as they are. It holds for the values for which it was
    /// made: an update with other values has none.</summary>
    public CodedValues? Coded
    {
        get => field is { } coded && coded.Values == Values ? coded : null;
        init;
    }

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Values.Length) + (16L * (Moments?.Channels ?? 0))
        + (Estimate is { } estimate ? 40 + (4L * estimate.Values) : 0);

    /// <summary>Bytes of the message, as its codec writes it: less than in memory where many values are 0. Looks at each value.</summary>
    public long EncodedBytes => DeltaCodec.BytesOf(this);

    /// <inheritdoc />
    public MessageTags Tags => new(BaseVersion: BaseVersion, SchemaHash: SchemaHash);

    /// <summary>Tells apart two updates that were given one number; the same however often an update is sent, and in whatever form its
    /// values travel. Never 0.</summary>
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

    /// <summary>
    /// Joins two updates of one device into one, for <see cref="Flow{T}.Coalesce"/>: differences and counts add up, moments merge.
    /// </summary>
    /// <remarks>
    /// The base version is the older of the two, the identity the newer. Not for devices with receipts: nobody answers the older identity,
    /// and the device sends that update again.
    /// </remarks>
    /// <param name="a">One update.</param>
    /// <param name="b">Another.</param>
    /// <exception cref="ArgumentException">They come from two devices or of two schemas.</exception>
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

    /// <summary>What is written in place of an update that is not of its topic: an empty one of the topic's device.</summary>
    internal WeightDelta OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = 0, Sequence = 0, BaseVersion = 0, Samples = 0, SchemaHash = 0, Values = [] };

    /// <inheritdoc />
    public override string ToString() =>
        $"update {Device}/{Epoch}/{Sequence} of version {BaseVersion}, {Samples} samples{(Leaving ? ", leaving" : "")}";
}
