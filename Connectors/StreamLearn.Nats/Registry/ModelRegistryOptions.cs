using NATS.Client.KeyValueStore;
using NATS.Client.ObjectStore;

namespace StreamLearn.Nats;

/// <summary>Settings of a registry that is created. One that exists keeps its own.</summary>
public sealed record ModelRegistryOptions
{
    /// <summary>Its name: letters, digits, <c>-</c>, <c>_</c>. Default <see cref="ModelRegistry.DefaultName"/>.</summary>
    public string Name { get; init; } = ModelRegistry.DefaultName;

    /// <summary>Limit on the bytes of the entries, and on those of the models; −1, the default: none.</summary>
    public long MaxBytes { get; init; } = -1;

    /// <summary>Where it is kept. Default: in files.</summary>
    public NatsKVStorageType Storage { get; init; } = NatsKVStorageType.File;

    /// <summary>Servers of a cluster that have a copy, 1 to 5. Default 1.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>What it is for; null, the default: nothing is said.</summary>
    public string? Description { get; init; }

    internal NatsKVConfig Entries => new(Name)
    {
        History = 1,
        MaxBytes = MaxBytes,
        Storage = Storage,
        NumberOfReplicas = Replicas,
        Description = Description,
    };

    internal NatsObjConfig Objects => new(Name)
    {
        MaxBytes = MaxBytes,
        NumberOfReplicas = Replicas,
        Description = Description,
        Storage = Storage == NatsKVStorageType.File ? NatsObjStorageType.File : NatsObjStorageType.Memory,
    };

    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    internal ModelRegistryOptions Checked()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        NatsText.RequireName(Name);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, -1, nameof(MaxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(Replicas, 1, nameof(Replicas));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Replicas, 5, nameof(Replicas));
        NatsText.Require(Description, nameof(Description));
        return this;
    }
}
