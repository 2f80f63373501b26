using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>A blob of known size that goes over a link and comes back. Immutable.</summary>
public sealed record LinkProbe : ISized, ISentOnTopic<LinkProbe>
{
    /// <summary>Bytes of the smallest probe: its fields fit, whatever the name.</summary>
    public const int MinBytes = 512;

    /// <summary>Bytes of the largest probe: 16 MiB.</summary>
    public const int MaxBytes = 1 << 24;

    /// <summary>The device that asks, 1 to 256 bytes in UTF-8: that of the topic, where one says whose it is.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Start of the device; rises at each.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of the probe within its epoch, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was sent, on the clock of the device that asks.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Bytes of the payload, both ways: <see cref="MinBytes"/> to <see cref="MaxBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are less or more.</exception>
    public required int Bytes
    {
        get;
        init => field = value is >= MinBytes and <= MaxBytes ? value
            : throw new ArgumentOutOfRangeException(nameof(Bytes), value, $"expected {MinBytes} to {MaxBytes} bytes, got {value}");
    }

    /// <summary>True on the way back. Default false.</summary>
    public bool IsEcho { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 128;

    /// <inheritdoc />
    public LinkProbe SentBy(string sender) => sender == Device ? this : this with { Device = DeviceName.Cut(sender) };

    /// <inheritdoc />
    public override string ToString() => $"{(IsEcho ? "echo" : "probe")} {Device}/{Epoch}/{Sequence}, {Bytes} bytes";
}
