namespace StreamLearn;

/// <summary>Settings of a publication.</summary>
public sealed record PublicationOptions
{
    /// <summary>True: each topic's newest message is kept for later subscribers. Default false.</summary>
    public bool Retain { get; init; }

    /// <summary>The properties of each message; default null: none.</summary>
    public MessageProperties? Properties { get; init; }

    /// <summary>Maximum number of unconfirmed messages: 1 to 65,535, default 64, limited by <see cref="ITransport.MaxInFlight"/>. They are
    /// sent and acknowledged in order; after a failure, later ones may have arrived. The capacity of the preceding edge limits their
    /// bytes.</summary>
    public int InFlight { get; init; } = 64;

    /// <summary>True: with checkpoints, a message is sent only after a checkpoint holds it and its cause, so its content never changes
    /// after a restart. False: it is sent at once and may be repeated after a restart. Default null: the codec decides
    /// (<see cref="ICodec{T}.WaitsForCheckpoint"/>), true for updates, model versions and receipts.</summary>
    public bool? WithCheckpoint { get; init; }

    /// <summary>The most private label that may be sent: <see cref="PrivacyLabel.EdgeOnly"/> for a link within the site,
    /// <see cref="PrivacyLabel.DeviceOnly"/> within the device; default <see cref="PrivacyLabel.Public"/>. A known private column above it
    /// is a definition error. A message above it is not sent and is counted as <c>privacy</c>; under that policy it becomes a dead
    /// letter.</summary>
    public PrivacyLabel Carries
    {
        get;
        init
        {
            EnumCheck.ThrowIfUndefined(value);
            field = value;
        }
    }

    internal PublicationOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InFlight, 65535);
        return this;
    }
}
