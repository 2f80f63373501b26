namespace StreamLearn;

/// <summary>Settings of a publication.</summary>
public sealed record PublicationOptions
{
    /// <summary>True: the newest message of a topic is kept for later subscribers. Default false.</summary>
    public bool Retain { get; init; }

    /// <summary>What each message carries beside its payload; null, the default: nothing.</summary>
    public MessageProperties? Properties { get; init; }

    /// <summary>Messages that may be under way at once, begun and not yet confirmed. They begin in order and are acknowledged in order;
    /// when one fails, those after it may have arrived. Together they have at most as many bytes as the edge before may hold. 1 to 65,535,
    /// and never more than <see cref="ITransport.MaxInFlight"/>; default 64.</summary>
    public int InFlight { get; init; } = 64;

    /// <summary>True: in a run that keeps checkpoints, a message goes out only when a checkpoint holds it and what made it: it is never
    /// made again with other bits. False: it goes out at once, and may come twice after a restart. Null, the default: as its codec says
    /// (<see cref="ICodec{T}.WaitsForCheckpoint"/>), which is true of updates, model versions and receipts.</summary>
    public bool? WithCheckpoint { get; init; }

    /// <summary>The most private that may go this way: <see cref="PrivacyLabel.EdgeOnly"/> for a link that ends at the edge of the site,
    /// <see cref="PrivacyLabel.DeviceOnly"/> for one that does not leave the device. A private column that is known beforehand is an
    /// error of the definition; a message above it is not sent, counted <c>privacy</c>, and a dead letter under that policy. Default
    /// <see cref="PrivacyLabel.Public"/>.</summary>
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
