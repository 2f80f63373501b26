namespace StreamLearn.Learning;

/// <summary>Prequential results of a device, which answers each row before learning from it: over all rows and over the newest.
/// Immutable.</summary>
public sealed record DeviceScore : ISized, IReplaceable, ISentOnTopic<DeviceScore>
{
    /// <summary>Maximum number of classes in a score.</summary>
    public const int MaxClasses = 256;

    /// <summary>Maximum blocks in <see cref="HeldUp"/>.</summary>
    public const int MaxHeldUp = 8;

    internal const int MaxBlockBytes = 128;

    /// <summary>The device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device { get; init => field = DeviceName.Checked(value, nameof(Device)); }

    /// <summary>The device in the topic, if it is not <see cref="Device"/>: see <see cref="WeightDelta.TopicDevice"/>.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>Start of the device, as in its updates; below 0: not credible.</summary>
    public required long Epoch { get; init; }

    /// <summary>Model version that answered the newest row.</summary>
    public required long ModelVersion { get; init; }

    /// <summary>Rows answered so far, or of windows if the model's rows are windows.</summary>
    public required long Rows { get; init; }

    /// <summary>Mean loss of these rows, as <see cref="Evaluation.Loss"/>.</summary>
    public required double Loss { get; init; }

    /// <summary>Recent mean loss, in which each evaluation counts by its share of the newest rows.</summary>
    public required double NewestLoss { get; init; }

    /// <summary>All rows by label and answer, <c>[label × classes + answer]</c>; empty without classes.</summary>
    public required ImmutableArray<long> Confusion { get; init; }

    /// <summary>Newest rows by label and answer; empty without classes.</summary>
    public required ImmutableArray<long> Newest { get; init; }

    /// <summary>Time since the device's run started.</summary>
    public TimeSpan Running { get; init; }

    /// <summary>Blocks that held up those before them, longest first; at most <see cref="MaxHeldUp"/>.</summary>
    public ImmutableArray<HoldUp> HeldUp { get; init; } = [];

    /// <summary>Returns the maximum size of a score in bytes.</summary>
    /// <param name="classes">Classes of the model.</param>
    public static int MaxBytesOf(int classes) => ScoreCodec.MaxBytesOf(classes);

    /// <summary>Classes; 0: none.</summary>
    public int Classes => (int)Math.Sqrt(Confusion.Length);

    /// <summary>Share of all rows answered correctly; NaN without rows or classes.</summary>
    public double Accuracy => ShareOf(Confusion);

    /// <summary>Accuracy on the newest rows.</summary>
    public double NewestAccuracy => ShareOf(Newest);

    /// <inheritdoc />
    public string ReplacementKey => TopicDevice is { } sender ? $"not of {sender}" : Device;

    /// <inheritdoc />
    public long SizeBytes => 128 + (8L * (Confusion.Length + Newest.Length)) + (64L * HeldUp.Length);

    /// <inheritdoc />
    public DeviceScore SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };

    /// <inheritdoc />
    public bool Equals(DeviceScore? other) => other is not null && (Device, TopicDevice, Epoch, ModelVersion, Rows, Running)
        == (other.Device, other.TopicDevice, other.Epoch, other.ModelVersion, other.Rows, other.Running)
        && Loss.Equals(other.Loss) && NewestLoss.Equals(other.NewestLoss) && Confusion.AsSpan().SequenceEqual(other.Confusion.AsSpan())
        && Newest.AsSpan().SequenceEqual(other.Newest.AsSpan()) && HeldUp.AsSpan().SequenceEqual(other.HeldUp.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Device, Epoch, ModelVersion, Rows);

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"score of {Device}/{Epoch}, {Rows} rows, {(Confusion.IsEmpty ? $"loss {Loss:0.000}" : $"{Accuracy:P1} correct")}");

    /// <summary>The score that is written if it comes from a foreign topic: a score of the topic's device that is not credible.</summary>
    internal DeviceScore OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = -1, ModelVersion = 0, Rows = 0, Loss = 0, NewestLoss = 0, Confusion = [], Newest = [] };

    private double ShareOf(ImmutableArray<long> counts)
    {
        var (classes, right, all) = (Classes, 0L, 0L);
        for (var i = 0; i < counts.Length; i++)
        {
            all += counts[i];
            if (i / classes == i % classes) { right += counts[i]; }
        }

        return all == 0 ? double.NaN : (double)right / all;
    }
}
