namespace StreamLearn.Learning;

/// <summary>Rows in memory for fitting: features, labels or targets, and groups.</summary>
public sealed record RecordedRows
{
    /// <summary>Creates rows with classes.</summary>
    /// <param name="features">The features, <c>[rows, features]</c>; windows are channel by channel. Not copied.</param>
    /// <param name="labels">A class per row.</param>
    public RecordedRows(ReadOnlyMemory<float> features, ReadOnlyMemory<int> labels) =>
        (Features, Labels, Count) = (features, labels, labels.Length);

    /// <summary>Creates rows with values, for regression.</summary>
    /// <param name="features">The features, <c>[rows, features]</c>. Not copied.</param>
    /// <param name="targets">A value per row.</param>
    public RecordedRows(ReadOnlyMemory<float> features, ReadOnlyMemory<float> targets) =>
        (Features, Targets, Count) = (features, targets, targets.Length);

    /// <summary>The features, <c>[rows, features]</c>.</summary>
    public ReadOnlyMemory<float> Features { get; }

    /// <summary>A class per row; empty for regression.</summary>
    public ReadOnlyMemory<int> Labels { get; }

    /// <summary>A value per row; empty for classification.</summary>
    public ReadOnlyMemory<float> Targets { get; }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>Group of each row, such as a person, from 0. Groups are held out whole. Empty (default): one group in time order.</summary>
    public ReadOnlyMemory<int> Groups { get; init; }

    /// <summary>Group names; empty, the default: numbers.</summary>
    public ImmutableArray<string> GroupNames { get; init; } = [];

    internal int GroupOf(int row) => Groups.IsEmpty ? 0 : Groups.Span[row];

    internal string NameOf(int group) => group < GroupNames.Length ? GroupNames[group] : $"{group}";

    internal void Check(ModelPlan plan)
    {
        if (Count < 2) { throw new ArgumentException($"expected at least two rows, got {Count}"); }
        if (Features.Length != (long)Count * plan.Input.Size)
        {
            throw new ArgumentException(
                $"expected {(long)Count * plan.Input.Size} features, {plan.Input.Size} for each of {Count} rows, got {Features.Length}");
        }

        if (!Groups.IsEmpty && Groups.Length != Count)
        {
            throw new ArgumentException($"expected a group for each of {Count} rows, got {Groups.Length}");
        }

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
            throw new ArgumentException("expected finite rows: remove or fill in missing values");
        }
    }
}
