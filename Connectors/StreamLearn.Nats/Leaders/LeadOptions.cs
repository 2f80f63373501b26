using NATS.Client.KeyValueStore;

namespace StreamLearn.Nats;

/// <summary>Who leads.</summary>
/// <param name="Holder">What it calls itself.</param>
/// <param name="Since">Since when, by its clock.</param>
public sealed record Leader(string Holder, DateTimeOffset Since);

/// <summary>A lead that one of several processes has.</summary>
/// <param name="Name">What is led: letters, digits, <c>-</c>, <c>_</c>; the same in all the processes.</param>
/// <param name="Holder">What this process calls itself, for people.</param>
public sealed record LeadOptions(string Name, string Holder)
{
    /// <summary>A leader that is silent for so long loses the lead to whoever stands by. 300 ms to an hour; default 5 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The key-value bucket, which is created if it does not exist. Default <c>leaders</c>.</summary>
    public string Bucket { get; init; } = "leaders";

    /// <summary>Servers of a cluster that have a copy of a bucket that is created, 1 to 5. Default 1.</summary>
    public int Replicas { get; init; } = 1;

    internal NatsKVConfig ToBucket() => new(Bucket) { History = 1, NumberOfReplicas = Replicas };

    /// <exception cref="ArgumentException">A setting is out of range.</exception>
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
