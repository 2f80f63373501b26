using System.Globalization;

namespace StreamLearn.Nodes;

internal enum LinkEstimateKind
{
    Probe,
    Transfer,

    /// <summary>A probe that timed out.</summary>
    Silence,
}

/// <summary>A device's estimate of its link. Immutable.</summary>
public sealed record LinkEstimate : ISized, ISentOnTopic<LinkEstimate>
{
    /// <summary>The device, 1 to 256 bytes in UTF-8; the topic's device, if it names one.</summary>
    /// <exception cref="ArgumentException">Empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Bits per second, at least 0; 0: probe timed out; infinite: no time measured. For probes, the mean of both directions,
    /// delays included.</summary>
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
}
