namespace StreamLearn.Compression;

/// <content>Trains networks on the scores of another network.</content>
public static partial class ModelCompression
{
    private static RetrainOptions Usual => new() { Steps = 4_000, BatchRows = 16 };

    /// <summary>Trains a student on this network's outputs: (1 − a) CE(label) + a T² KL(teacher ‖ student), at temperature T.</summary>
    /// <remarks>The student may have any structure with the same input and classes. For regression, the loss is (1 − a) target loss + a
    /// teacher loss. Cost: a teacher forward pass per row, and the student's steps. Source: Hinton, Vinyals, Dean (2015).</remarks>
    /// <param name="teacher">The teacher network.</param>
    /// <param name="student">The student network, trained from its initial values; it keeps its loss.</param>
    /// <param name="rows">Rows with labels or targets.</param>
    /// <param name="temperature">Temperature of both softmaxes, above 0; default 4.</param>
    /// <param name="teacherShare">Teacher's share of the loss, in [0, 1]; labels get the rest. Default 0.7.</param>
    /// <param name="retrain">Training settings; null: 4,000 steps of 16 rows, rate 0.01, momentum 0.9.</param>
    /// <exception cref="ArgumentException">Input, class or network mismatch, or setting out of range.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel DistillInto(this LoadedModel teacher, IModel student, in Sample rows,
        float temperature = 4, float teacherShare = 0.7f, RetrainOptions? retrain = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        return teacher.DistillInto(teacher with { Model = student, Weights = student.Initial with { Version = teacher.Weights.Version } },
            rows, temperature, teacherShare, retrain);
    }

    /// <summary>Trains a student from its current values, such as a part of the teacher.</summary>
    /// <param name="teacher">The teacher, a network.</param>
    /// <param name="student">The student network; it keeps its loss.</param>
    /// <param name="rows">Rows with labels or targets.</param>
    /// <param name="temperature">Temperature of both softmaxes, above 0; default 4.</param>
    /// <param name="teacherShare">Teacher's share of the loss, in [0, 1]; labels get the rest. Default 0.7.</param>
    /// <param name="retrain">Training settings; null: 4,000 steps of 16 rows, rate 0.01, momentum 0.9.</param>
    /// <exception cref="ArgumentException">Input, class or network mismatch, or setting out of range.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel DistillInto(this LoadedModel teacher, LoadedModel student, in Sample rows,
        float temperature = 4, float teacherShare = 0.7f, RetrainOptions? retrain = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        if (teacher.Model.Plan.Target == TargetKind.Value) { return DistillValues(teacher, student, rows, teacherShare, retrain); }
        var scores = SoftLabels.Of(teacher, rows, [.. Enumerable.Range(0, rows.Rows)], "teacher");
        return student.Distill(rows, scores, temperature, teacherShare, retrain);
    }

    /// <summary>Trains on the mean of target and answer, because its squared error differs only by a constant.</summary>
    private static LoadedModel DistillValues(LoadedModel teacher, LoadedModel student, in Sample rows, float share, RetrainOptions? retrain)
    {
        var network = student.NetworkOf("distill");
        if (share < 1 && rows.Targets.IsEmpty) { throw new ArgumentException("expected rows with targets, or a teacher's share of 1"); }
        var (values, targets) = ((float[])[.. student.Weights.Values], new float[rows.Rows * (long)teacher.Model.Plan.Outputs]);
        teacher.Model.Infer(teacher.Weights.Values.AsSpan(), new(rows.Features, rows.Rows), targets, new());
        for (var i = 0; i < targets.Length && share < 1; i++) { targets[i] = (share * targets[i]) + ((1 - share) * rows.Targets[i]); }
        Retraining.Run(network, values, new Sample(rows.Features, rows.Rows) { Targets = targets }, retrain ?? Usual, null);
        return student.With(network, values);
    }

    /// <summary>Trains a network on received scores of some of its rows.</summary>
    /// <remarks>As <see cref="DistillInto(LoadedModel, IModel, in Sample, float, float, RetrainOptions)"/>. With a teacher's share of 1,
    /// rows need no labels.</remarks>
    /// <param name="student">The network, trained from its current values; keeps its loss.</param>
    /// <param name="rows">The rows to which the scores refer.</param>
    /// <param name="scores">Scores of at least one row.</param>
    /// <param name="temperature">Temperature of both softmaxes, above 0; default 4.</param>
    /// <param name="teacherShare">Teacher's share of the loss, in [0, 1]; labels get the rest. Default 0.7.</param>
    /// <param name="retrain">Training settings; null: 4,000 steps of 16 rows, rate 0.01, momentum 0.9.</param>
    /// <exception cref="ArgumentException">Classes differ, no such row, setting out of range, or rows or values mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel Distill(this LoadedModel student, in Sample rows, SoftLabels scores,
        float temperature = 4, float teacherShare = 0.7f, RetrainOptions? retrain = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var network = student.NetworkOf("distill");
        var plan = network.Plan;
        if (plan.Outputs != scores.Classes || scores.Logits.Length != scores.Rows.Length * (long)scores.Classes || scores.Rows.IsEmpty)
        {
            throw new ArgumentException($"expected scores of {plan.Outputs} classes, got {scores}");
        }

        var learner = new Network(plan.Input, plan.Outputs, network.Layers, network.Exits, 0, plan.Features,
            new Distillation(temperature, teacherShare));
        float[] values = [.. student.Weights.Values];
        var (features, labels) = Picked(rows, scores.Rows.AsSpan(), plan.Input.Size);
        Retraining.Run(learner.Masked(network.Mask), values, new Sample(features, labels) { TeacherLogits = scores.Logits.AsSpan() },
            retrain ?? Usual, null);
        return student.With(network, values);
    }

    /// <summary>Uses class 0 for rows without labels.</summary>
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
