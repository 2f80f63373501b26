using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>What a site says to others beside its updates. Immutable.</summary>
public sealed record SiteSignal : ISized
{
    /// <summary>The site that says it, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Site
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Site));
    }

    /// <summary>What it says.</summary>
    public required SiteSignalKind Kind { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The site that it is meant for, 1 to 256 bytes in UTF-8; null, the default: all.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public string? Recipient
    {
        get;
        init => field = value is null ? null : DeviceName.Checked(value, nameof(Recipient));
    }

    /// <summary>The site's clock, 0 or more; default 0.</summary>
    public long Clock { get; init; }

    /// <summary>Places among the values, rising: the changes that wait. Default none.</summary>
    public ImmutableArray<int> Keys { get; init; } = [];

    /// <summary>Whom it has followed how far: of a snapshot all sites, of an answer the one that is answered. Default none.</summary>
    public ImmutableArray<SiteClock> Clocks { get; init; } = [];

    /// <summary>Of a snapshot, the values that all sites know of: float32, in the order of the model plan's slices. Default none.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Keys.Length) + (64L * Clocks.Length) + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() => $"{Kind} of {Site} at {Clock}{(Recipient is null ? "" : $" to {Recipient}")}";
}
