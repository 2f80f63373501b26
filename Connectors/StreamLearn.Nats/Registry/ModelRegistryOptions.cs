using NATS.Client.KeyValueStore;
using NATS.Client.ObjectStore;

namespace StreamLearn.Nats;

/// <summary>Settings of a new registry; an existing one keeps its own.</summary>
public sealed record ModelRegistryOptions
{
    /// <summary>Name of letters, digits, <c>-</c>, <c>_</c>. Default <see cref="ModelRegistry.DefaultName"/>.</summary>
    public string Name { get; init; } = ModelRegistry.DefaultName;

    /// <summary>Maximum bytes of the entries, and of the models; default −1: unlimited.</summary>
    public long MaxBytes { get; init; } = -1;

    /// <summary>Storage; default files.</summary>
    public NatsKVStorageType Storage { get; init; } = NatsKVStorageType.File;

    /// <summary>Servers with a copy, 1 to 5; default 1.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Description; default null.</summary>
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
