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

    internal NatsKVConfig Entries => new(CheckedName(Name))
    {
        History = 1,
        MaxBytes = CheckedBytes,
        Storage = Storage,
        NumberOfReplicas = CheckedReplicas,
        Description = CheckedDescription,
    };

    internal NatsObjConfig Objects => new(CheckedName(Name))
    {
        MaxBytes = CheckedBytes,
        Storage = Storage == NatsKVStorageType.File ? NatsObjStorageType.File : NatsObjStorageType.Memory,
        NumberOfReplicas = CheckedReplicas,
        Description = CheckedDescription,
    };

    private long CheckedBytes => MaxBytes >= -1 ? MaxBytes
        : throw new ArgumentOutOfRangeException(nameof(MaxBytes), MaxBytes, "expected at least -1");

    private int CheckedReplicas => Replicas is >= 1 and <= 5 ? Replicas
        : throw new ArgumentOutOfRangeException(nameof(Replicas), Replicas, "expected 1 to 5");

    private string? CheckedDescription
    {
        get
        {
            NatsText.Require(Description, nameof(Description));
            return Description;
        }
    }

    /// <exception cref="ArgumentException">The name has other characters than a registry's.</exception>
    internal static string CheckedName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name
            : throw new ArgumentException("expected a name of letters, digits, '-' and '_'", nameof(name));
    }
}
