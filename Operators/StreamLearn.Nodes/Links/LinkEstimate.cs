using System.Globalization;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Where an estimate of a link comes from.</summary>
public enum LinkEstimateKind
{
    /// <summary>A probe that came back.</summary>
    Probe,

    /// <summary>A transfer that had to be made anyway.</summary>
    Transfer,

    /// <summary>A probe that did not come back in time.</summary>
    Silence,
}

/// <summary>What a device knows of its link. Immutable.</summary>
public sealed record LinkEstimate : ISized, ISentOnTopic<LinkEstimate>
{
    /// <summary>The device, 1 to 256 bytes in UTF-8: that of the topic, where one says whose it is.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Bits a second, 0 or more: 0 of a probe that did not come back, infinite where it took no time. Of a probe it is a mean of
    /// both directions, delays included.</summary>
    public required double BitsPerSecond { get; init; }

    /// <summary>When it was measured.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What it comes from.</summary>
    public required LinkEstimateKind Kind { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 80;

    /// <inheritdoc />
    public LinkEstimate SentBy(string sender) => sender == Device ? this : this with { Device = DeviceName.Cut(sender) };

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"link of {Device}: {BitsPerSecond / 1e6:0.###} Mbit/s by {Kind.ToString().ToLowerInvariant()}");
}
