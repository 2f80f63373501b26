namespace StreamLearn.Learning;

/// <summary>The kinds of presence messages.</summary>
public enum PresenceKind
{
    /// <summary>The device started or lost its session: messages in flight to it are lost.</summary>
    Hello,

    /// <summary>The device is alive.</summary>
    Heartbeat,

    /// <summary>The device leaves and sends nothing more.</summary>
    Leave,

    /// <summary>The device has received a version.</summary>
    Holding,

    /// <summary>The device has waited long for a version, which may be lost.</summary>
    Waiting,
}

/// <summary>A device announces that it is present or leaves. Immutable.</summary>
public sealed record Presence : ISized, IReplaceable, ISentOnTopic<Presence>
{
    /// <summary>The device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device { get; init => field = DeviceName.Checked(value, nameof(Device)); }

    /// <summary>The device in the topic, if it is not <see cref="Device"/>: see <see cref="WeightDelta.TopicDevice"/>.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>The start of the device; it rises unless the device resumes from a state.</summary>
    public required long Epoch { get; init; }

    /// <summary>The start of the publishing program, in milliseconds since 1970, from the envelope; null (default): unknown. It
    /// distinguishes programs that resumed from copies of one state and so have the same <see cref="Epoch"/>. Not serialized.</summary>
    public long? Start { get; private init; }

    /// <summary>The kind.</summary>
    public required PresenceKind Kind { get; init; }

    /// <summary>The newest version held; null (default): unknown. In an answer to an aggregator that the device no longer follows: the
    /// version that it has from its current aggregator, or version 0 if it has none yet.</summary>
    public ModelVersion? Held { get; init; }

    /// <summary>The version itself, which the aggregator requested; null (default): none. It is sent on its own topic.</summary>
    public Weights? Offer { get; init; }

    /// <summary>Held and awaited versions replace each other; other kinds replace only messages of their own kind.</summary>
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

    /// <summary>Written if it comes from a foreign topic: a heartbeat of the topic's device, with an epoch that is refused.</summary>
    internal Presence OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = -1, Kind = PresenceKind.Heartbeat };

    internal static Presence? Fields(ref FrameFields f, Presence? p)
    {
        p = p?.OfItsTopic();
        var (device, epoch) = (f.Text(p?.Device), f.Long(p?.Epoch));
        var kind = (PresenceKind)f.Byte((byte?)p?.Kind, (byte)PresenceKind.Waiting);
        var held = f.Held(p?.Held);
        var capabilities = f.Optional(FrameFlags.Capabilities, p?.Capabilities, DeviceCapabilities.Fields);
        return !f.HasRead(!(held?.Version < 0)) ? p
            : new() { Device = device, Epoch = epoch, Kind = kind, Held = held, Capabilities = capabilities };
    }
}
