using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>ServeParts</c>.</summary>
public sealed record ServePartsOptions
{
    /// <summary>Worker name to which tasks are sent; null, the default: the pipeline's name.</summary>
    public string? Worker { get; init; }

    /// <summary>Maximum rows of a task, at least 1; default 1024. Larger tasks are refused.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaxRows
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxRows), value, "expected at least 1 row");
    }

        = 1024;

    /// <summary>Weights until a version arrives, the same on every node; null, the default: the network's initial ones.</summary>
    public Weights? Start { get; init; }

    /// <inheritdoc />
    public override string ToString() => $"{Worker ?? "by the pipeline's name"}, {MaxRows} rows at most";
}
