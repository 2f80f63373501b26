namespace StreamLearn;

/// <summary>Settings of a publication.</summary>
public sealed record PublicationOptions
{
    /// <summary>True: each topic's newest message is kept for later subscribers. Default false.</summary>
    public bool Retain { get; init; }

    /// <summary>The properties of each message; default null: none.</summary>
    public MessageProperties? Properties { get; init; }

    /// <summary>Maximal unconfirmed messages: 1 to 65,535, default 64, limited by <see cref="ITransport.MaxInFlight"/>. They start and are
    /// acknowledged in order; after a failure, later ones may have arrived. Their bytes are bounded by the preceding edge's
    /// capacity.</summary>
    public int InFlight { get; init; } = 64;

    /// <summary>True: with checkpoints, a message is sent only after a checkpoint holds it and its cause, so it is never remade with other
    /// bits. False: it is sent at once and may be repeated after a restart. Default null: the codec decides
    /// (<see cref="ICodec{T}.WaitsForCheckpoint"/>), true for updates, model versions and receipts.</summary>
    public bool? WithCheckpoint { get; init; }

    /// <summary>The most private label that may be sent: <see cref="PrivacyLabel.EdgeOnly"/> for a link within the site,
    /// <see cref="PrivacyLabel.DeviceOnly"/> within the device; default <see cref="PrivacyLabel.Public"/>. A known private column above it
    /// is a definition error. A message above it is not sent, counted <c>privacy</c>, and a dead letter under that policy.</summary>
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
