namespace StreamLearn.Nats;

/// <summary>How a consumer is read by <see cref="NatsJetStream.ReadAsync"/>.</summary>
public sealed record NatsReadOptions
{
    /// <summary>Messages that are here and were not answered at most, and so those of one pull; 1 to 65,535, default 64.</summary>
    public int Capacity { get; init; } = 64;

    /// <summary>Bytes of one pull at most; a larger message comes alone. From 1, default 8 MiB.</summary>
    public int MaxBytes { get; init; } = 8 << 20;

    /// <summary>How often the server says that it is there while there is nothing to read; silence for twice as long is an error, after
    /// which the consumer is asked for anew. 0.5 s to 15 s, default 5 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    internal NatsReadOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, 1, nameof(Capacity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Capacity, 65535, nameof(Capacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 1, nameof(MaxBytes));
        NatsOptions.Between(Heartbeat, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(15), nameof(Heartbeat));
        return this;
    }
}
