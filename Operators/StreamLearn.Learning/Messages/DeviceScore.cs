using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>How a device answered its own rows, each before it learned from it: all so far, and the newest. Immutable.</summary>
public sealed record DeviceScore : ISized, IReplaceable, ISentOnTopic<DeviceScore>
{
    /// <summary>Classes that a score has at most.</summary>
    public const int MaxClasses = 256;

    /// <summary>Blocks in <see cref="HeldUp"/> at most.</summary>
    public const int MaxHeldUp = 8;

    internal const int MaxBlockBytes = 128;

    /// <summary>The device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The device that may publish to the topic on which it came, where that is another one than <see cref="Device"/>: see
    /// <see cref="WeightDelta.TopicDevice"/>.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>Start of the device, as its updates say; below 0: nothing to be believed.</summary>
    public required long Epoch { get; init; }

    /// <summary>The model version by which the newest row was answered.</summary>
    public required long ModelVersion { get; init; }

    /// <summary>Rows answered so far, as the model counts them: windows, where its rows are windows.</summary>
    public required long Rows { get; init; }

    /// <summary>Mean loss of these rows, as <see cref="Evaluation.Loss"/> has it.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean loss of late: of each evaluation's rows as much as they are of the newest rows.</summary>
    public required double NewestLoss { get; init; }

    /// <summary>These rows by label and answer, <c>[label × classes + answer]</c>; empty if there are no classes.</summary>
    public required ImmutableArray<long> Confusion { get; init; }

    /// <summary>The newest of these rows by label and answer; empty if there are no classes.</summary>
    public required ImmutableArray<long> Newest { get; init; }

    /// <summary>For how long the device's run has gone on.</summary>
    public TimeSpan Running { get; init; }

    /// <summary>The blocks of the device that held up those before them, the longest first; at most <see cref="MaxHeldUp"/>.</summary>
    public ImmutableArray<HoldUp> HeldUp { get; init; } = [];

    /// <summary>Bytes of a score in a message at most.</summary>
    /// <param name="classes">Classes of the model.</param>
    public static int MaxBytesOf(int classes) => ScoreCodec.MaxBytesOf(classes);

    /// <summary>Classes; 0 of a model that has none.</summary>
    public int Classes => (int)Math.Sqrt(Confusion.Length);

    /// <summary>Share of all rows so far that were answered with their label; NaN without rows, or without classes.</summary>
    public double Accuracy => ShareOf(Confusion);

    /// <summary>The same of the newest rows.</summary>
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
        $"score of {Device}/{Epoch}, {Rows} rows, {(Confusion.IsEmpty ? $"loss {Loss:0.000}" : $"{Accuracy:P1} right")}");

    /// <summary>What is written in place of one that is not of its topic: one of the topic's device that is not to be believed.</summary>
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
