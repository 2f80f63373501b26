using System.Numerics.Tensors;
using StreamLearn.Models;

namespace TauDemo;

/// <summary>How good a version is.</summary>
internal static class Score
{
    private const int RowsAtOnce = 500;

    /// <summary>1 for an even digit, 0 for an odd one.</summary>
    internal static int LabelOf(int digit) => 1 - (digit & 1);

    /// <summary>Its loss on all rows of a set.</summary>
    internal static double Loss(TauModel model, Weights version, TauRows rows)
    {
        var (sum, gradients, memory) = (0.0, new float[version.Values.Length], new Workspace());
        for (var from = 0; from < rows.Count; from += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, rows.Count - from);
            sum += (double)count * model.Model.Loss(version.Values.AsSpan(), rows.Slice(from, count), gradients, memory);
        }

        return sum / rows.Count;
    }

    /// <summary>On which side of the plane of a support vector machine a digit is.</summary>
    internal static bool IsEven(Weights model, ReadOnlySpan<float> digit) => TensorPrimitives.Dot(model.Values.AsSpan(), digit) > 0;

    /// <summary>Share of rows whose class it tells rightly; not a number where rows have none.</summary>
    internal static double Accuracy(TauModel model, Weights version, TauRows rows)
    {
        if (rows.Labels.IsEmpty) { return double.NaN; }
        var (right, outputs, memory) = (0, model.Model.Plan.Outputs, new Workspace());
        var answers = new float[RowsAtOnce * outputs];
        for (var from = 0; from < rows.Count; from += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, rows.Count - from);
            model.Model.Infer(version.Values.AsSpan(), rows.Slice(from, count), answers.AsSpan(0, count * outputs), memory);
            for (var r = 0; r < count; r++)
            {
                right += ClassOf(answers.AsSpan(r * outputs, outputs)) == rows.Labels[from + r] ? 1 : 0;
            }
        }

        return (double)right / rows.Count;
    }

    private static int ClassOf(ReadOnlySpan<float> answer) =>
        answer.Length > 1 ? TensorPrimitives.IndexOfMax(answer) : answer[0] > 0.5f ? 1 : 0;
}
