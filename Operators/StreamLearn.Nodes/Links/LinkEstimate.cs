using System.Globalization;

namespace StreamLearn.Nodes;

internal enum LinkEstimateKind
{
    Probe,
    Transfer,

    /// <summary>A probe without an answer until the timeout.</summary>
    Silence,
}

/// <summary>A device's estimate of its link. Immutable.</summary>
public sealed record LinkEstimate : ISized, ISentOnTopic<LinkEstimate>
{
    /// <summary>The device, 1 to 256 bytes in UTF-8; the device in the topic if it names one.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device { get; init => field = DeviceName.Checked(value, nameof(Device)); }

    /// <summary>Bits per second, at least 0; 0: the probe timed out; infinite: the measured time was zero. For probes, it is the mean of
    /// both directions, including delays.</summary>
    public required double BitsPerSecond { get; init; }

    /// <summary>Time of measurement.</summary>
    public required DateTimeOffset At { get; init; }

    internal LinkEstimateKind Kind { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 80;

    /// <inheritdoc />
    public LinkEstimate SentBy(string sender) => sender == Device ? this : this with { Device = DeviceName.Cut(sender) };

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"link of {Device}: {BitsPerSecond / 1e6:0.###} Mbit/s by {Kind.ToString().ToLowerInvariant()}");

    internal static LinkEstimate? Fields(ref FrameFields f, LinkEstimate? e)
    {
        var (device, rate, at) = (f.Text(e?.Device), f.Double(e?.BitsPerSecond), NodesCodecs.Time(ref f, e?.At));
        var kind = (LinkEstimateKind)f.Byte((byte?)e?.Kind, (byte)LinkEstimateKind.Silence);
        return !f.HasRead(rate >= 0) ? e : new() { Device = device, BitsPerSecond = rate, At = at, Kind = kind };
    }
}
