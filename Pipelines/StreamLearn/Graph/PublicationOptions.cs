namespace StreamLearn;

/// <summary>Settings of a publication.</summary>
public sealed record PublicationOptions
{
    /// <summary>True: the newest message of a topic is kept for later subscribers. Default false.</summary>
    public bool Retain { get; init; }

    /// <summary>What each message carries beside its payload; null, the default: nothing.</summary>
    public MessageProperties? Properties { get; init; }
}
