using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <content>Networks that learn from another's scores.</content>
public static partial class ModelCompression
{
    /// <summary>Trains a student on what this network answers: (1 − a) CE(label) + a T² KL(teacher ‖ student), at temperature T.</summary>
    /// <remarks>The student may have any structure of the same input and classes. Cost: a forward pass of the teacher for each row, and
    /// the student's steps. Source: Hinton, Vinyals, Dean (2015).</remarks>
    /// <param name="teacher">The teacher, a network.</param>
    /// <param name="student">The student, a network; it begins with its initial values, and its loss stays what it is.</param>
    /// <param name="rows">The rows, with labels.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Input or classes differ, a setting is out of range, or rows or values do not fit.</exception>
    /// <exception cref="NotSupportedException">One of them is no network.</exception>
    public static LoadedModel DistillInto(this LoadedModel teacher, IModel student, in Sample rows, DistillOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        var scores = SoftLabels.Of(teacher, rows, [.. Enumerable.Range(0, rows.Rows)], "teacher");
        var start = teacher with { Model = student, Weights = student.Initial with { Version = teacher.Weights.Version } };
        return start.Distill(rows, scores, options);
    }

    /// <summary>Trains a network on scores that have come for some of its rows.</summary>
    /// <remarks>As <see cref="DistillInto"/>. With a <see cref="DistillOptions.TeacherShare"/> of 1 labels are not looked at, and rows need
    /// none.</remarks>
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
