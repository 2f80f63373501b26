namespace StreamLearn.Models;

/// <summary>Metadata of a saved model, in addition to structure and values. Compared by value.</summary>
public sealed record ModelCard
{
    /// <summary>An empty card.</summary>
    public static ModelCard Empty { get; } = new();

    /// <summary>Name and unit of each channel; default empty: unknown or in the model's columns.</summary>
    public ImmutableArray<Field> Channels { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Name of each class or output; default empty: none.</summary>
    public ImmutableArray<string> Labels { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Early-exit rule; default null: none.</summary>
    public ExitRule? ExitRule { get; init; }

    /// <summary>Choices of exit thresholds with their costs; default null: none.</summary>
    public ExitPlan? ExitPlan { get; init; }

    /// <summary>Origin in the caller's words: <c>trained-on</c>, <c>rounds</c>, <c>created-at</c>; ordered by code point. Default
    /// empty.</summary>
    public ImmutableSortedDictionary<string, string> Provenance
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value.WithComparers(StringComparer.Ordinal, StringComparer.Ordinal);
        }
    } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal);

    /// <inheritdoc />
    public bool Equals(ModelCard? other) => other is not null && Channels.AsSpan().SequenceEqual(other.Channels.AsSpan())
        && Labels.AsSpan().SequenceEqual(other.Labels.AsSpan()) && Equals(ExitRule, other.ExitRule) && Equals(ExitPlan, other.ExitPlan)
        && Provenance.SequenceEqual(other.Provenance);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Channels.Length, Labels.Length, ExitRule, ExitPlan, Provenance.Count);

    internal string? Mismatch(IModel model)
    {
        var (channels, labels) = (model.Plan.Input.Channels, Math.Max(model.Plan.Classes, model.Plan.Outputs));
        if (!Labels.IsEmpty && Labels.Length != labels)
        {
            return $"expected {labels} labels, one per class or output, got {Labels.Length}";
        }

        if (!Channels.IsEmpty && Channels.Length != channels) { return $"expected {channels} channels, got {Channels.Length}"; }
        if (!Channels.IsEmpty && !model.Plan.Features.IsEmpty && !Channels.AsSpan().SequenceEqual(model.Plan.Features.AsSpan()))
        {
            return $"expected channels {string.Join(", ", model.Plan.Features)}, got {string.Join(", ", Channels)}";
        }

        if (model is not IStagedModel staged)
        {
            return ExitRule is null && ExitPlan is null
                ? null : $"expected neither exit rule nor exit plan for a model without exits, {model.Structure}";
        }

        if (ExitRule is { } rule && rule.Thresholds.Length != staged.ExitCount - 1)
        {
            return $"expected an exit rule of {staged.ExitCount - 1} thresholds, got {rule.Thresholds.Length}";
        }

        return ExitPlan is null || ExitPlan.Fits(staged) ? null : $"expected an exit plan for this network, got {ExitPlan}";
    }
}
