using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>ServeParts</c>.</summary>
public sealed record ServePartsOptions
{
    /// <summary>The name by which tasks are sent to it; null, the default: the name of the pipeline.</summary>
    public string? Worker { get; init; }

    /// <summary>Rows of a task at most, at least 1; default 1024. One with more is refused.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaxRows
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxRows), value, "expected at least 1 row");
    }

        = 1024;

    /// <summary>The values before a version comes, the same on every node; null, the default: those that the network begins with.</summary>
    public Weights? Start { get; init; }

    /// <inheritdoc />
    public override string ToString() => $"{Worker ?? "by the pipeline's name"}, {MaxRows} rows at most";
}
