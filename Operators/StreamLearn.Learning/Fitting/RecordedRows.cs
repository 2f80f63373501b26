using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Rows in memory that a model is fitted to: features, what they were told, and whose they are.</summary>
public sealed record RecordedRows
{
    /// <summary>Rows with a class each.</summary>
    /// <param name="features">The features, <c>[rows, features]</c>; a window's channel after channel. They are not copied.</param>
    /// <param name="labels">A class for each row.</param>
    public RecordedRows(ReadOnlyMemory<float> features, ReadOnlyMemory<int> labels) =>
        (Features, Labels, Count) = (features, labels, labels.Length);

    /// <summary>Rows with a value each, for models of a value.</summary>
    /// <param name="features">The features, <c>[rows, features]</c>. They are not copied.</param>
    /// <param name="targets">A value for each row.</param>
    public RecordedRows(ReadOnlyMemory<float> features, ReadOnlyMemory<float> targets) =>
        (Features, Targets, Count) = (features, targets, targets.Length);

    /// <summary>The features, <c>[rows, features]</c>.</summary>
    public ReadOnlyMemory<float> Features { get; }

    /// <summary>A class for each row; empty for models of a value.</summary>
    public ReadOnlyMemory<int> Labels { get; }

    /// <summary>A value for each row; empty for models of classes.</summary>
    public ReadOnlyMemory<float> Targets { get; }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>
    /// Whose row each is, such as a person or a machine, from 0: a group is learned from or held back as a whole. Empty, the default: all
    /// are one's, in the order of time.
    /// </summary>
    public ReadOnlyMemory<int> Groups { get; init; }

    /// <summary>Names of the groups; empty, the default: their numbers.</summary>
    public ImmutableArray<string> GroupNames { get; init; } = [];

    internal int GroupOf(int row) => Groups.IsEmpty ? 0 : Groups.Span[row];

    internal string NameOf(int group) => group < GroupNames.Length ? GroupNames[group] : $"{group}";

    /// <exception cref="ArgumentException">They are not what the model takes.</exception>
    internal void Check(ModelPlan plan)
    {
        if (Count < 2) { throw new ArgumentException($"expected at least two rows, got {Count}"); }
        if (Features.Length != (long)Count * plan.Input.Size)
        {
            throw new ArgumentException(
                $"expected {(long)Count * plan.Input.Size} features, {plan.Input.Size} for each of {Count} rows, got {Features.Length}");
        }

        if (!Groups.IsEmpty && Groups.Length != Count) { throw new ArgumentException($"expected {Count} groups, got {Groups.Length}"); }
        var wanted = plan.Target switch { TargetKind.Label => Labels.Length, TargetKind.Value => Targets.Length, _ => Count };
        if (wanted != Count)
        {
            throw new ArgumentException($"expected rows with {(plan.Target == TargetKind.Label ? "a class" : "a value")} each");
        }

        foreach (var label in Labels.Span)
        {
            if ((uint)label >= (uint)Math.Max(1, plan.Classes))
            {
                throw new ArgumentException($"expected a class below {plan.Classes}, got {label}");
            }
        }

        if (!Finite.All(Features.Span) || !Finite.All(Targets.Span))
        {
            throw new ArgumentException("expected rows that are finite: leave out or fill in missing values");
        }
    }
}
