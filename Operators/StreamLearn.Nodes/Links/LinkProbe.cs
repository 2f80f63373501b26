namespace StreamLearn.Nodes;

/// <summary>A payload of known size that is sent over a link and back. Immutable.</summary>
public sealed record LinkProbe : DeviceMessage, ISized, ISentOnTopic<LinkProbe>
{
    /// <summary>Minimum size of a probe in bytes; its fields always fit.</summary>
    public const int MinBytes = 512;

    /// <summary>Maximum size of a probe in bytes: 16 MiB.</summary>
    public const int MaxBytes = 1 << 24;

    /// <summary>Time of sending, by the clock of the device that probes.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Size of the payload in both directions in bytes: <see cref="MinBytes"/> to <see cref="MaxBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is out of range.</exception>
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
