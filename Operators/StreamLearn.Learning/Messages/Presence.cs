namespace StreamLearn.Learning;

/// <summary>Kinds of device presence.</summary>
public enum PresenceKind
{
    /// <summary>The device started or lost its session: messages in flight to it are lost.</summary>
    Hello,

    /// <summary>The device is alive.</summary>
    Heartbeat,

    /// <summary>The device leaves and sends nothing more.</summary>
    Leave,

    /// <summary>The device has taken a version.</summary>
    Holding,

    /// <summary>The device has waited long for a version, which may be lost.</summary>
    Waiting,
}

/// <summary>A device announces that it is present or leaves. Immutable.</summary>
public sealed record Presence : ISized, IReplaceable, ISentOnTopic<Presence>
{
    /// <summary>The device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The topic's device, if it is not <see cref="Device"/>: see <see cref="WeightDelta.TopicDevice"/>.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>Start of the device; rises unless it resumes from a state.</summary>
    public required long Epoch { get; init; }

    /// <summary>Start of the publishing program, in milliseconds since 1970, from the envelope; null, the default: unknown. It
    /// distinguishes programs resumed from copies of one state, whose <see cref="Epoch"/> is the same. Not serialized.</summary>
    public long? Start { get; private init; }

    /// <summary>The kind.</summary>
    public required PresenceKind Kind { get; init; }

    /// <summary>The newest version held; null, the default: unknown. For an aggregator the device no longer follows: a version of the one
    /// followed, numbered 0 before its first.</summary>
    public ModelVersion? Held { get; init; }

    /// <summary>The version itself, as the aggregator requested; null, the default: none. It is sent on its own topic.</summary>
    public Weights? Offer { get; init; }

    /// <summary>Held and awaited versions replace each other; other kinds replace only their own.</summary>
    public string ReplacementKey => TopicDevice is { } sender ? $"not of {sender}" : Offer is not null ? $"offer {Device}"
        : Kind is PresenceKind.Holding or PresenceKind.Waiting ? Device : $"{Kind} {Device}";

    /// <summary>Capabilities; null, the default: unknown.</summary>
    public DeviceCapabilities? Capabilities { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + (Offer?.SizeBytes ?? 0);

    /// <inheritdoc />
    public Presence SentBy(string sender, MessageOrigin origin) => SentBy(sender) with { Start = origin.Epoch };

    /// <inheritdoc />
    public Presence SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };

    /// <summary>Written in place of one from a foreign topic: a heartbeat of the topic's device, with an epoch always refused.</summary>
    internal Presence OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = -1, Kind = PresenceKind.Heartbeat };
}
