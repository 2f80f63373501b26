namespace StreamLearn.Compression;

/// <content>Networks that learn from another's scores.</content>
public static partial class ModelCompression
{
    /// <summary>Trains a student on this network's outputs: (1 − a) CE(label) + a T² KL(teacher ‖ student), at temperature T.</summary>
    /// <remarks>The student may have any structure with the same input and classes. For regression, the loss is (1 − a) target loss + a
    /// teacher loss. Cost: a teacher forward pass per row, and the student's steps. Source: Hinton, Vinyals, Dean (2015).</remarks>
    /// <param name="teacher">The teacher network.</param>
    /// <param name="student">The student network, from its initial values; keeps its loss.</param>
    /// <param name="rows">Rows with labels or targets.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Input, class or network mismatch, or setting out of range.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel DistillInto(this LoadedModel teacher, IModel student, in Sample rows, DistillOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        return teacher.DistillInto(teacher with { Model = student, Weights = student.Initial with { Version = teacher.Weights.Version } },
            rows, options);
    }

    /// <summary>Trains a student from its current values, such as a part of the teacher.</summary>
    /// <param name="teacher">The teacher, a network.</param>
    /// <param name="student">The student network; keeps its loss.</param>
    /// <param name="rows">Rows with labels or targets.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Input, class or network mismatch, or setting out of range.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel DistillInto(this LoadedModel teacher, LoadedModel student, in Sample rows, DistillOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        if (teacher.Model.Plan.Target == TargetKind.Value) { return DistillValues(teacher, student, rows, options ?? new()); }
        return student.Distill(rows, SoftLabels.Of(teacher, rows, [.. Enumerable.Range(0, rows.Rows)], "teacher"), options);
    }

    /// <summary>Trains on the mean of target and answer: its squared error differs only by a constant.</summary>
    private static LoadedModel DistillValues(LoadedModel teacher, LoadedModel student, in Sample rows, DistillOptions options)
    {
        var (share, network) = (options.TeacherShare, student.NetworkOf("distill"));
        if (share < 1 && rows.Targets.IsEmpty) { throw new ArgumentException("expected rows with targets, or a teacher's share of 1"); }
        var (values, targets) = ((float[])[.. student.Weights.Values], new float[rows.Rows * (long)teacher.Model.Plan.Outputs]);
        teacher.Model.Infer(teacher.Weights.Values.AsSpan(), new(rows.Features, rows.Rows), targets, new());
        for (var i = 0; i < targets.Length && share < 1; i++) { targets[i] = (share * targets[i]) + ((1 - share) * rows.Targets[i]); }
        Retraining.Run(network, values, new Sample(rows.Features, rows.Rows) { Targets = targets }, options.Retrain, null);
        return student.With(network, values);
    }

    /// <summary>Trains a network on received scores of some of its rows.</summary>
    /// <remarks>As <see cref="DistillInto(LoadedModel, IModel, in Sample, DistillOptions)"/>. With a
    /// <see cref="DistillOptions.TeacherShare"/> of 1, rows need no labels.</remarks>
    /// <param name="student">The network, trained from its current values; keeps its loss.</param>
    /// <param name="rows">The rows to which the scores refer.</param>
    /// <param name="scores">Scores of at least one row.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Classes differ, no such row, setting out of range, or rows or values mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel Distill(this LoadedModel student, in Sample rows, SoftLabels scores, DistillOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        options ??= new();
        var network = student.NetworkOf("distill");
        var plan = network.Plan;
        if (plan.Outputs != scores.Classes || scores.Logits.Length != scores.Rows.Length * (long)scores.Classes || scores.Rows.IsEmpty)
        {
            throw new ArgumentException($"expected scores of {plan.Outputs} classes, got {scores}");
        }

        var learner = new Network(plan.Input, plan.Outputs, network.Layers, network.Exits, 0, plan.Features, options.Loss);
        float[] values = [.. student.Weights.Values];
        var (features, labels) = Picked(rows, scores.Rows.AsSpan(), plan.Input.Size);
        Retraining.Run(learner.Masked(network.Mask), values, new Sample(features, labels) { TeacherLogits = scores.Logits.AsSpan() },
            options.Retrain, null);
        return student.With(network, values);
    }

    /// <summary>Class 0 without labels.</summary>
    private static (float[] Features, int[] Labels) Picked(in Sample rows, ReadOnlySpan<int> places, int size)
    {
        var (features, labels) = (new float[places.Length * size], new int[places.Length]);
        for (var i = 0; i < places.Length; i++)
        {
            if ((uint)places[i] >= (uint)rows.Rows || rows.Features.Length != (long)rows.Rows * size)
            {
                throw new ArgumentException($"expected rows of {size} features below {rows.Rows}, got row {places[i]}");
            }

            rows.Features.Slice(places[i] * size, size).CopyTo(features.AsSpan(i * size));
            labels[i] = rows.Labels.IsEmpty ? 0 : rows.Labels[places[i]];
        }

        return (features, labels);
    }
}
