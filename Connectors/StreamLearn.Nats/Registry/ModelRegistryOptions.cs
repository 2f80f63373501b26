using NATS.Client.KeyValueStore;
using NATS.Client.ObjectStore;

namespace StreamLearn.Nats;

/// <summary>Settings of a new registry; an existing one keeps its own.</summary>
internal sealed record ModelRegistryOptions
{
    public string Name { get; init; } = ModelRegistry.DefaultName;

    public long MaxBytes { get; init; } = -1;

    public int Replicas { get; init; } = 1;

    internal NatsKVConfig Entries => new(Name)
    {
        History = 1,
        MaxBytes = MaxBytes,
        Storage = NatsKVStorageType.File,
        NumberOfReplicas = Replicas,
    };

    internal NatsObjConfig Objects => new(Name) { MaxBytes = MaxBytes, NumberOfReplicas = Replicas, Storage = NatsObjStorageType.File };

    internal ModelRegistryOptions Checked()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        NatsText.RequireName(Name);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, -1, nameof(MaxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(Replicas, 1, nameof(Replicas));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Replicas, 5, nameof(Replicas));
        return this;
    }
}
