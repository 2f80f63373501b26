namespace StreamLearn.Models;

/// <summary>Rows handed to a model: features row-major, <c>[rows, features]</c>, and a label for each where they are known.</summary>
public readonly ref struct Sample
{
    /// <summary>Makes rows with labels.</summary>
    /// <param name="features">The features, <c>[rows, features]</c>.</param>
    /// <param name="labels">A class for each row.</param>
    public Sample(ReadOnlySpan<float> features, ReadOnlySpan<int> labels)
    {
        Features = features;
        Labels = labels;
        Rows = labels.Length;
    }

    /// <summary>Makes rows without labels, for inference.</summary>
    /// <param name="features">The features, <c>[rows, features]</c>.</param>
    /// <param name="rows">Rows.</param>
    public Sample(ReadOnlySpan<float> features, int rows)
    {
        Features = features;
        Rows = rows;
    }

    /// <summary>The features, <c>[rows, features]</c>.</summary>
    public ReadOnlySpan<float> Features { get; }

    /// <summary>A class for each row; empty for inference.</summary>
    public ReadOnlySpan<int> Labels { get; }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Number of the batch: names the random numbers of layers that draw. Default 0.</summary>
    public long Number { get; init; }

    /// <summary>What the outputs should be, <c>[rows, outputs]</c>, for losses that learn values; empty for those that learn
    /// classes.</summary>
    public ReadOnlySpan<float> Targets { get; init; }

    /// <summary>Scores that a teacher gave the rows, <c>[rows, classes]</c>, for distillation; empty for none.</summary>
    public ReadOnlySpan<float> TeacherLogits { get; init; }

    /// <summary>
    /// Added to the scores of every row before the loss, one for each class; empty for none. The logarithm of the class shares makes the
    /// loss blind to them (Menon et al., 2021).
    /// </summary>
    public ReadOnlySpan<float> LogitOffsets { get; init; }

    /// <summary>How often each row counts in the loss, at least 0; the mean is that over the rows, whatever their weights. Empty, the
    /// default: each once.</summary>
    public ReadOnlySpan<float> RowWeights { get; init; }

    /// <summary>What a row brings along, without its features.</summary>
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

    /// <summary>Throws unless the rows have as many features as the model takes, no more and no less.</summary>
    internal void Require(ModelPlan plan)
    {
        if (Features.Length != (long)Rows * plan.Input.Size)
        {
            throw new ArgumentException($"expected {(long)Rows * plan.Input.Size} features, {plan.Input.Size} for each of {Rows} rows, "
                + $"got {Features.Length}");
        }
    }

    /// <summary>Some of the rows, with all that is known of them.</summary>
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
