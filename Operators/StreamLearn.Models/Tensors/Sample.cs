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
    public ReadOnlySpan<float> Features { get; private init; }

    /// <summary>A class per row; empty for inference.</summary>
    public ReadOnlySpan<int> Labels { get; private init; }

    /// <summary>Rows.</summary>
    public int Rows { get; private init; }

    /// <summary>Number of the batch, which seeds random numbers. Default 0.</summary>
    public long Number { get; init; }

    /// <summary>Target values, <c>[rows, outputs]</c>; empty for class losses.</summary>
    public ReadOnlySpan<float> Targets { get; init; }

    /// <summary>Teacher's scores for distillation, <c>[rows, classes]</c>; may be empty.</summary>
    public ReadOnlySpan<float> TeacherLogits { get; init; }

    /// <summary>Offset that the loss adds to the score of each class; may be empty. Logarithms of class shares compensate for imbalance
    /// (Menon et al., 2021).</summary>
    public ReadOnlySpan<float> LogitOffsets { get; init; }

    /// <summary>Weight of each row in the loss, at least 0; the mean divides by the number of rows. Default empty: 1 each.</summary>
    public ReadOnlySpan<float> RowWeights { get; init; }

    /// <summary>Returns the targets of a row, without features.</summary>
    internal Sample Told(int row) => Some([], row, 1) with { RowWeights = [] };

    internal void Require(ModelPlan plan)
    {
        if (Features.Length != (long)Rows * plan.Input.Size)
        {
            throw new ArgumentException($"expected {(long)Rows * plan.Input.Size} features, {plan.Input.Size} for each of {Rows} rows, "
                + $"got {Features.Length}");
        }
    }

    internal Sample Slice(int from, int rows, ModelPlan plan) =>
        Some(Features.Slice(from * plan.Input.Size, rows * plan.Input.Size), from, rows);

    private Sample Some(ReadOnlySpan<float> features, int from, int rows) => this with
    {
        Features = features,
        Labels = Labels.IsEmpty ? [] : Labels.Slice(from, rows),
        Rows = rows,
        Targets = Part(Targets, from, rows),
        RowWeights = Part(RowWeights, from, rows),
        TeacherLogits = Part(TeacherLogits, from, rows),
    };

    private ReadOnlySpan<float> Part(ReadOnlySpan<float> values, int from, int rows) =>
        values.IsEmpty ? [] : values.Slice(values.Length / Rows * from, values.Length / Rows * rows);
}
