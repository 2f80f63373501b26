using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>Networks that learn from another's scores.</summary>
public static class Distilling
{
    /// <summary>The messages of scores, as float16: <c>soft-labels/1</c>.</summary>
    public static ICodec<SoftLabels> SoftLabelsCodec { get; } = new SoftLabelsCodec();

    /// <summary>Trains a student on what this network answers: (1 − a) CE(label) + a T² KL(teacher ‖ student), both at temperature T.</summary>
    /// <remarks>The student may have any structure of the same input and classes. Cost: a forward pass of the teacher for each row, then the
    /// student's steps. Source: Hinton, Vinyals, Dean (2015).</remarks>
    /// <param name="teacher">The teacher.</param>
    /// <param name="student">Where the student begins; its loss stays what it is.</param>
    /// <param name="rows">The rows, with labels.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Input or classes differ, a setting is out of range, or rows or values do not fit.</exception>
    public static TrainedNetwork DistillInto(this TrainedNetwork teacher, TrainedNetwork student, RecordedRows rows,
        DistillOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(rows);
        return student.Distill(rows, SoftLabels.Of(teacher, rows, [.. Enumerable.Range(0, rows.Count)], "teacher"), options);
    }

    /// <summary>Trains a network on scores that have come for some of its rows.</summary>
    /// <remarks>As <see cref="DistillInto"/>. With a <see cref="DistillOptions.TeacherShare"/> of 1 labels are not looked at, and rows need
    /// none.</remarks>
    /// <param name="student">Where it begins; its loss stays what it is.</param>
    /// <param name="rows">The rows that the scores name.</param>
    /// <param name="scores">The scores, at least one row's.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Classes differ, there is no such row, a setting is out of range, or rows or values do not
    /// fit.</exception>
    public static TrainedNetwork Distill(this TrainedNetwork student, RecordedRows rows, SoftLabels scores, DistillOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(scores);
        options ??= new();
        student.Check();
        var (network, plan) = (student.Network, student.Network.Plan);
        if (plan.Outputs != scores.Classes || scores.Logits.Length != scores.Rows.Length * (long)scores.Classes || scores.Rows.IsEmpty)
        {
            throw new ArgumentException($"expected scores of {plan.Outputs} classes, got {scores}");
        }

        var learner = new Network(plan.Input, plan.Outputs, network.Layers, network.Exits, 0, plan.Features, options.Loss);
        var values = student.Copy();
        var some = Picked(rows, scores.Rows, plan.Input.Size);
        Retraining.Run(learner.Masked(network.Mask), values, some, scores.Logits.AsSpan(), options.Retrain, null);
        return student.With(values);
    }

    /// <summary>The rows that scores name; class 0 where there are no labels.</summary>
    private static RecordedRows Picked(RecordedRows rows, ImmutableArray<int> places, int size)
    {
        var (features, labels) = (new float[places.Length * size], new int[places.Length]);
        for (var i = 0; i < places.Length; i++)
        {
            if ((uint)places[i] >= (uint)(rows.Features.Length / size))
            {
                throw new ArgumentException($"expected a row below {rows.Features.Length / size}, got {places[i]}");
            }

            rows.Features.Span.Slice(places[i] * size, size).CopyTo(features.AsSpan(i * size));
            labels[i] = rows.Labels.IsEmpty ? 0 : rows.Labels.Span[places[i]];
        }

        return new(features, labels);
    }
}
