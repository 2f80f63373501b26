namespace StreamLearn.Nodes;

/// <summary>A payload of known size that travels over a link and back. Immutable.</summary>
public sealed record LinkProbe : ISized, ISentOnTopic<LinkProbe>
{
    /// <summary>Minimum bytes of a probe; its fields always fit.</summary>
    public const int MinBytes = 512;

    /// <summary>Maximum bytes of a probe: 16 MiB.</summary>
    public const int MaxBytes = 1 << 24;

    /// <summary>The probing device, 1 to 256 bytes in UTF-8; the topic's device, if it names one.</summary>
    /// <exception cref="ArgumentException">Empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Start of the device, rising at each.</summary>
    public required long Epoch { get; init; }

    /// <summary>Probe number within the epoch, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>Time of sending, on the probing device's clock.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Payload bytes, both ways: <see cref="MinBytes"/> to <see cref="MaxBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public required int Bytes
    {
        get;
        init => field = value is >= MinBytes and <= MaxBytes ? value
            : throw new ArgumentOutOfRangeException(nameof(Bytes), value, $"expected {MinBytes} to {MaxBytes} bytes, got {value}");
    }

    /// <summary>True on the way back; default false.</summary>
    public bool IsEcho { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 128;

    /// <inheritdoc />
    public LinkProbe SentBy(string sender) => sender == Device ? this : this with { Device = DeviceName.Cut(sender) };

    /// <inheritdoc />
    public override string ToString() => $"{(IsEcho ? "echo" : "probe")} {Device}/{Epoch}/{Sequence}, {Bytes} bytes";
}
