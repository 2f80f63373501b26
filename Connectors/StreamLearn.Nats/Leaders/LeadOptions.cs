using NATS.Client.KeyValueStore;

namespace StreamLearn.Nats;

/// <summary>Settings of a <c>Lead</c>.</summary>
/// <param name="Name">The name of the leadership: letters, digits, <c>-</c>, <c>_</c>; the same in all processes.</param>
/// <param name="Holder">This process's display name.</param>
public sealed record LeadOptions(string Name, string Holder)
{
    /// <summary>The silence after which a standby process takes over, 300 ms to an hour; default 5 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The key-value bucket, created if missing. Default <c>leaders</c>.</summary>
    public string Bucket { get; init; } = "leaders";

    /// <summary>Replicas of a bucket that is created, 1 to 5. Default 1.</summary>
    public int Replicas { get; init; } = 1;

    internal NatsKVConfig ToBucket() => new(Bucket) { History = 1, NumberOfReplicas = Replicas };

    internal LeadOptions Checked()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        NatsText.RequireName(Name);
        ArgumentException.ThrowIfNullOrEmpty(Bucket);
        NatsText.RequireName(Bucket);
        NatsText.Require(Holder);
        NatsOptions.Between(Lease, TimeSpan.FromMilliseconds(300), TimeSpan.FromHours(1), nameof(Lease));
        ArgumentOutOfRangeException.ThrowIfLessThan(Replicas, 1, nameof(Replicas));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Replicas, 5, nameof(Replicas));
        return this;
    }
}
