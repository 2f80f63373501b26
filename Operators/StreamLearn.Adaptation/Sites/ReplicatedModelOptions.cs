using System.Globalization;

namespace StreamLearn.Adaptation;

/// <summary>How sites keep their copies of a model alike.</summary>
public sealed record ReplicatedModelOptions
{
    /// <summary>Other sites, at least 1; default 1. One that has not been heard of is at clock 0.</summary>
    public int Others { get; init; } = 1;

    /// <summary>Which changes the others are told of; null: all of them, at once. Default those that are significant.</summary>
    public KeepSignificantOptions? Keep { get; init; } = new();

    /// <summary>DS: by how many clocks a site may be ahead of the slowest one before it waits. Clocks, at least 1; default 4.</summary>
    public int MaxLead { get; init; } = 4;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Others, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLead, 1);
        Keep?.Check();
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Others} others, lead {MaxLead}, {Keep?.ToString() ?? "all changes"}");
}
