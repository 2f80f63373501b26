using System.Numerics.Tensors;
using StreamLearn.Learning;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>How good a version is.</summary>
internal static class Score
{
    /// <summary>1 for an even digit, 0 for an odd one.</summary>
    internal static int LabelOf(int digit) => 1 - (digit & 1);

    /// <summary>Its loss on all digits of a set.</summary>
    internal static double Loss(Weights model, GlyphDigits digits)
    {
        int[] labels = [.. digits.Labels.Select(LabelOf)];
        return TauFleet.Model.Loss(
            model.Values.AsSpan(), new(digits.Features.AsSpan(), labels), new float[model.Values.Length], new Workspace());
    }

    /// <summary>On which side of the plane a digit is.</summary>
    internal static bool IsEven(Weights model, ReadOnlySpan<float> digit) => TensorPrimitives.Dot(model.Values.AsSpan(), digit) > 0;

    /// <summary>Share of digits on whose side of the plane it is.</summary>
    internal static double Accuracy(Weights model, GlyphDigits digits)
    {
        var right = 0;
        for (var i = 0; i < digits.Count; i++)
        {
            right += IsEven(model, digits.Row(i)) == (LabelOf(digits.Labels[i]) == 1) ? 1 : 0;
        }

        return (double)right / digits.Count;
    }
}
