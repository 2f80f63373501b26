using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <content>Networks that learn from another's scores.</content>
public static partial class ModelCompression
{
    /// <summary>Trains a student on what this network answers: (1 − a) CE(label) + a T² KL(teacher ‖ student), at temperature T.</summary>
    /// <remarks>The student may have any structure of the same input and classes. Of values, the loss is (1 − a) that of the target + a
    /// that of the teacher's answer. Cost: a forward pass of the teacher for each row, and the student's steps. Source: Hinton, Vinyals,
    /// Dean (2015).</remarks>
    /// <param name="teacher">The teacher, a network.</param>
    /// <param name="student">The student, a network; it begins with its initial values, and its loss stays what it is.</param>
    /// <param name="rows">The rows, with labels or targets.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Input or classes differ, a setting is out of range, or rows or values do not fit.</exception>
    /// <exception cref="NotSupportedException">One of them is no network.</exception>
    public static LoadedModel DistillInto(this LoadedModel teacher, IModel student, in Sample rows, DistillOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        return teacher.DistillInto(teacher with { Model = student, Weights = student.Initial with { Version = teacher.Weights.Version } },
            rows, options);
    }

    /// <summary>The same of a student that goes on from where it is, such as a part of the teacher.</summary>
    /// <param name="teacher">The teacher, a network.</param>
    /// <param name="student">The student, a network; its loss stays what it is.</param>
    /// <param name="rows">The rows, with labels or targets.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Input or classes differ, a setting is out of range, or rows or values do not fit.</exception>
    /// <exception cref="NotSupportedException">One of them is no network.</exception>
    public static LoadedModel DistillInto(this LoadedModel teacher, LoadedModel student, in Sample rows, DistillOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        if (teacher.Model.Plan.Target == TargetKind.Value) { return DistillValues(teacher, student, rows, options ?? new()); }
        return student.Distill(rows, SoftLabels.Of(teacher, rows, [.. Enumerable.Range(0, rows.Rows)], "teacher"), options);
    }

    /// <summary>Squared errors from a target and from an answer differ from that of their mean by what no weight changes.</summary>
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

    /// <summary>Trains a network on scores that have come for some of its rows.</summary>
    /// <remarks>As <see cref="DistillInto(LoadedModel, IModel, in Sample, DistillOptions)"/>. With a <see
    /// cref="DistillOptions.TeacherShare"/> of 1 labels are not looked at, and rows need none.</remarks>
    /// <param name="student">The model, a network, where it begins; its loss stays what it is.</param>
    /// <param name="rows">The rows that the scores name.</param>
    /// <param name="scores">The scores, at least one row's.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Classes differ, there is no such row, a setting is out of range, or rows or values do not
    /// fit.</exception>
    /// <exception cref="NotSupportedException">It is no network.</exception>
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

    /// <summary>The rows that scores name; class 0 where there are no labels.</summary>
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
