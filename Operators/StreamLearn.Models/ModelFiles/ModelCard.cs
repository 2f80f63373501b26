using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>What people and programs should know of a saved model beside its structure and its values. A value.</summary>
public sealed record ModelCard
{
    /// <summary>A card that says nothing.</summary>
    public static ModelCard Empty { get; } = new();

    /// <summary>
    /// Names and units of the channels, in order, one each; empty if they are unknown or the model's own columns say them. Default empty.
    /// </summary>
    public ImmutableArray<Field> Channels { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// Names of the classes, or of the outputs where there are no classes, in order, one each; empty if they have none. Default empty.
    /// </summary>
    public ImmutableArray<string> Labels { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>When a row leaves early; null: not said. Default null.</summary>
    public ExitRule? ExitRule { get; init; }

    /// <summary>Choices of thresholds and what they cost; null: not said. Default null.</summary>
    public ExitPlan? ExitPlan { get; init; }

    /// <summary>
    /// Where the model comes from, in the caller's words: <c>trained-on</c>, <c>rounds</c>, <c>created-at</c>; ordered by code point.
    /// Default empty.
    /// </summary>
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

    /// <summary>What does not fit a model, in a sentence; null if all does.</summary>
    internal string? Misfit(IModel model)
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
