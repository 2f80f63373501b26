namespace StreamLearn.Models;

/// <summary>Rows for a model: features row-major, <c>[rows, features]</c>, with labels or other targets.</summary>
public readonly ref struct Sample
{
    /// <summary>Creates labeled rows.</summary>
    /// <param name="features">The features, <c>[rows, features]</c>.</param>
    /// <param name="labels">A class per row.</param>
    public Sample(ReadOnlySpan<float> features, ReadOnlySpan<int> labels)
    {
        Features = features;
        Labels = labels;
        Rows = labels.Length;
    }

    /// <summary>Creates unlabeled rows, for inference.</summary>
    /// <param name="features">The features, <c>[rows, features]</c>.</param>
    /// <param name="rows">Rows.</param>
    public Sample(ReadOnlySpan<float> features, int rows)
    {
        Features = features;
        Rows = rows;
    }

    /// <summary>The features, <c>[rows, features]</c>.</summary>
    public ReadOnlySpan<float> Features { get; }

    /// <summary>A class per row; empty for inference.</summary>
    public ReadOnlySpan<int> Labels { get; }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Batch number, which seeds random numbers. Default 0.</summary>
    public long Number { get; init; }

    /// <summary>Target values, <c>[rows, outputs]</c>; empty for class losses.</summary>
    public ReadOnlySpan<float> Targets { get; init; }

    /// <summary>Teacher's scores for distillation, <c>[rows, classes]</c>; may be empty.</summary>
    public ReadOnlySpan<float> TeacherLogits { get; init; }

    /// <summary>Score offset per class in the loss; may be empty. Log class shares compensate imbalance (Menon et al., 2021).</summary>
    public ReadOnlySpan<float> LogitOffsets { get; init; }

    /// <summary>Loss weight per row, at least 0; the mean divides by the row count. Default empty: 1 each.</summary>
    public ReadOnlySpan<float> RowWeights { get; init; }

    /// <summary>A row's targets, without features.</summary>
    internal Sample Told(int row) => Labels.IsEmpty
        ? new([], 1)
        {
            Number = Number,
            LogitOffsets = LogitOffsets,
            Targets = Part(Targets, row, 1),
            TeacherLogits = Part(TeacherLogits, row, 1),
        }
        : new([], Labels.Slice(row, 1))
        {
            Number = Number,
            LogitOffsets = LogitOffsets,
            Targets = Part(Targets, row, 1),
            TeacherLogits = Part(TeacherLogits, row, 1),
        };

    internal void Require(ModelPlan plan)
    {
        if (Features.Length != (long)Rows * plan.Input.Size)
        {
            throw new ArgumentException($"expected {(long)Rows * plan.Input.Size} features, {plan.Input.Size} for each of {Rows} rows, "
                + $"got {Features.Length}");
        }
    }

    internal Sample Slice(int from, int rows, ModelPlan plan)
    {
        var features = Features.Slice(from * plan.Input.Size, rows * plan.Input.Size);
        return Labels.IsEmpty
            ? new(features, rows)
            {
                Number = Number,
                LogitOffsets = LogitOffsets,
                Targets = Part(Targets, from, rows),
                RowWeights = Part(RowWeights, from, rows),
                TeacherLogits = Part(TeacherLogits, from, rows),
            }
            : new(features, Labels.Slice(from, rows))
            {
                Number = Number,
                LogitOffsets = LogitOffsets,
                Targets = Part(Targets, from, rows),
                RowWeights = Part(RowWeights, from, rows),
                TeacherLogits = Part(TeacherLogits, from, rows),
            };
    }

    private ReadOnlySpan<float> Part(ReadOnlySpan<float> values, int from, int rows) =>
        values.IsEmpty ? [] : values.Slice(values.Length / Rows * from, values.Length / Rows * rows);
}
