using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>What a device says of itself.</summary>
public enum PresenceKind
{
    /// <summary>It has started, or comes back after its session was lost: what was on the way to it is lost.</summary>
    Hello,

    /// <summary>It is still there.</summary>
    Heartbeat,

    /// <summary>It goes, and nothing of it is to be waited for.</summary>
    Leave,

    /// <summary>It has taken a version.</summary>
    Holding,

    /// <summary>It has waited long for a version; what was on the way to it may be lost.</summary>
    Waiting,
}

/// <summary>A device says that it is there, or goes. Immutable.</summary>
public sealed record Presence : ISized, IReplaceable, ISentOnTopic<Presence>
{
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

    /// <summary>Start of the device; rises at each that does not resume from a state.</summary>
    public required long Epoch { get; init; }

    /// <summary>The start of the program that published it, in milliseconds since 1970, as its envelope says; null, the default: that is
    /// not known. Two programs that resumed from copies of one state have the same <see cref="Epoch"/>, and starts of their own. It does
    /// not travel.</summary>
    public long? Start { get; private init; }

    /// <summary>What it says.</summary>
    public required PresenceKind Kind { get; init; }

    /// <summary>The newest version that it holds; null, the default: it does not say. To an aggregator that speaks though the device
    /// follows a later one: a version of that one, with the number 0 where none has come yet.</summary>
    public ModelVersion? Held { get; init; }

    /// <summary>The version itself, which the aggregator has asked for; null, the default: none. It travels on a topic of its own, not with
    /// this message.</summary>
    public Weights? Offer { get; init; }

    /// <summary>What a device holds and what it waits for replace each other; each other kind only its own.</summary>
    public string ReplacementKey => TopicDevice is { } sender ? $"not of {sender}" : Offer is not null ? $"offer {Device}"
        : Kind is PresenceKind.Holding or PresenceKind.Waiting ? Device : $"{Kind} {Device}";

    /// <summary>What the device can do; null, the default: it does not say.</summary>
    public DeviceCapabilities? Capabilities { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + (Offer?.SizeBytes ?? 0);

    /// <inheritdoc />
    public Presence SentBy(string sender, MessageOrigin origin) => SentBy(sender) with { Start = origin.Epoch };

    /// <inheritdoc />
    public Presence SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };

    /// <summary>What is written in place of one that is not of its topic: a heartbeat of the topic's device, with an epoch that is always
    /// refused.</summary>
    internal Presence OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = -1, Kind = PresenceKind.Heartbeat };
}
