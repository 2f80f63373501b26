namespace StreamLearn.Learning;

/// <summary>What an aggregator asks of a device from its next round on; what is null stays as it is. It travels with a model version.</summary>
public sealed record Directive
{
    /// <summary>Nothing changes.</summary>
    public static Directive Unchanged { get; } = new();

    /// <summary>The device; null for every device that no other directive names.</summary>
    public string? Device { get; init; }

    /// <summary>Steps behind an update (tau), at least 1.</summary>
    public int? StepsPerUpdate { get; init; }

    /// <summary>Rows of a step's batch, at least 1.</summary>
    public int? BatchRows { get; init; }

    /// <summary>Step size, above 0.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Strength μ of the proximal term, 0 or more. Source: Li et al. (2020), FedProx.</summary>
    public float? Proximal { get; init; }

    /// <summary>Time after which a round ends with the steps done, at least one: partial work. Above 0.</summary>
    public TimeSpan? RoundTime { get; init; }
}
