using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Softmax: p = e^d / Σ e^d, where d = (score − highest score of the row) / temperature. Source: Bridle (1990).</summary>
/// <remarks>It sums in class order, so the bits of a row depend only on that row.</remarks>
internal static class Softmax
{
    private const int FewClasses = 32, FewRows = 2;      // with few classes and more than a few rows, lanes are rows

    internal static void Probabilities(Span<float> scores, int classes)
    {
        Powers(scores, classes);
        for (; !scores.IsEmpty; scores = scores[classes..])
        {
            var row = scores[..classes];
            var sum = Sum(row);
            for (var o = 0; o < row.Length; o++) { row[o] /= sum; }
        }
    }

    internal static void Probabilities(Span<float> scores) => Probabilities(scores, scores.Length);

    /// <summary>Replaces scores with their gradient.</summary>
    internal static float Loss(Span<float> scores, ReadOnlySpan<float> offsets, int label) => (float)Loss(scores, offsets, [label], 0);

    /// <summary>Replaces scores with their gradient; returns the sum of ln Σ e^d − Σ wanted · d, rows in order. It keeps terms 0 · d, so
    /// that non-finite scores are visible.</summary>
    internal static double Loss(Span<float> scores, ReadOnlySpan<float> offsets, ReadOnlySpan<int> labels, float smoothing)
    {
        var classes = scores.Length / labels.Length;
        foreach (var label in labels)
        {
            if ((uint)label >= (uint)classes) { throw new ArgumentException($"expected a label from 0 to {classes - 1}, got {label}"); }
        }

        if (labels.Length > FewRows && classes <= FewClasses) { return SideBySide(scores, classes, offsets, labels, smoothing); }
        double loss = 0;
        for (var r = 0; r < labels.Length; r++)
        {
            var row = scores.Slice(r * classes, classes);
            for (var o = 0; o < offsets.Length; o++) { row[o] += offsets[o]; }
            loss += classes <= Lanes.Count ? ShortRow(row, labels[r], smoothing) : Row(row, labels[r], smoothing);
        }

        return loss;
    }

    private static double SideBySide(Span<float> scores, int classes, ReadOnlySpan<float> offsets, ReadOnlySpan<int> labels,
        float smoothing)
    {
        Span<Vector512<float>> columns = stackalloc Vector512<float>[FewClasses];
        Span<float> losses = stackalloc float[Lanes.Count];
        double loss = 0;
        for (var r = 0; r < labels.Length; r += Lanes.Count)
        {
            var these = labels.Slice(r, Math.Min(Lanes.Count, labels.Length - r));
            Rows(scores.Slice(r * classes, these.Length * classes), offsets, these, smoothing, columns[..classes], losses);
            for (var i = 0; i < these.Length; i++) { loss += losses[i]; }
        }

        return loss;
    }

    private static void Rows(Span<float> scores, ReadOnlySpan<float> offsets, ReadOnlySpan<int> labels, float smoothing,
        Span<Vector512<float>> columns, Span<float> losses)
    {
        var flat = MemoryMarshal.Cast<Vector512<float>, float>(columns);
        for (var r = 0; r < labels.Length; r++)
        {
            var row = scores.Slice(r * columns.Length, columns.Length);
            for (var o = 0; o < row.Length; o++) { flat[(o * Lanes.Count) + r] = row[o]; }
        }

        for (var o = 0; o < offsets.Length; o++) { columns[o] += Vector512.Create(offsets[o]); }
        var highest = columns[0];
        for (var o = 1; o < columns.Length; o++) { highest = Vector512.MaxNative(highest, columns[o]); }
        var distance = Vector512<float>.Zero;
        foreach (ref var column in columns) { distance += column -= highest; }
        for (var r = 0; r < labels.Length; r++) { losses[r] = flat[(labels[r] * Lanes.Count) + r]; }
        var spread = Vector512.Create(smoothing / columns.Length);
        var wanted = (Vector512.Create(1 - smoothing) * Vector512.Create<float>(losses)) + (spread * distance);
        var sum = Vector512<float>.Zero;
        foreach (ref var column in columns) { sum += column = Exponentials.Of(column); }
        (Logarithms.Of(sum) - wanted).CopyTo(losses);
        var inverse = Vector512<float>.One / sum;
        foreach (ref var column in columns) { column = Vector512.FusedMultiplyAdd(column, inverse, -spread); }
        for (var r = 0; r < labels.Length; r++)
        {
            var row = scores.Slice(r * columns.Length, columns.Length);
            for (var o = 0; o < row.Length; o++) { row[o] = flat[(o * Lanes.Count) + r]; }
            row[labels[r]] -= 1 - smoothing;
        }
    }

    private static float ShortRow(Span<float> row, int label, float smoothing)
    {
        Span<float> lanes = stackalloc float[Lanes.Count];
        var highest = row[0];
        for (var o = 0; o < row.Length; o++)
        {
            lanes[o] = row[o];
            highest = float.MaxNative(highest, row[o]);
        }

        var (distances, spread) = (Vector512.Create<float>(lanes) - Vector512.Create(highest), smoothing / row.Length);
        distances.CopyTo(lanes);
        var wanted = ((1 - smoothing) * lanes[..row.Length][label]) + (spread * Sum(lanes[..row.Length]));
        var powers = Exponentials.Of(distances);
        powers.CopyTo(lanes);
        var sum = Sum(lanes[..row.Length]);
        Vector512.FusedMultiplyAdd(powers, Vector512.Create(1 / sum), Vector512.Create(-spread)).CopyTo(lanes);
        for (var o = 0; o < row.Length; o++) { row[o] = lanes[o]; }
        row[label] -= 1 - smoothing;
        return Logarithms.Of(Vector512.Create(sum))[0] - wanted;
    }

    private static float Row(Span<float> row, int label, float smoothing)
    {
        Lower(row, 1);
        var spread = smoothing / row.Length;
        var wanted = ((1 - smoothing) * row[label]) + (spread * Sum(row));
        Exponentials.Of(row);
        var sum = Sum(row);
        var inverse = 1 / sum;
        for (var o = 0; o < row.Length; o++) { row[o] = MathF.FusedMultiplyAdd(row[o], inverse, -spread); }
        row[label] -= 1 - smoothing;
        return Logarithms.Of(Vector512.Create(sum))[0] - wanted;
    }

    /// <summary>Replaces scores with e^d.</summary>
    internal static void Powers(Span<float> scores, int classes, float temperature = 1)
    {
        for (var at = 0; at < scores.Length; at += classes) { Lower(scores.Slice(at, classes), temperature); }
        Exponentials.Of(scores);
    }

    internal static float Sum(ReadOnlySpan<float> values)
    {
        float sum = 0;
        foreach (var value in values) { sum += value; }
        return sum;
    }

    /// <summary>Returns the highest score. It may miss a NaN, which stays and makes the sum NaN.</summary>
    internal static float Highest(ReadOnlySpan<float> scores)
    {
        var highest = scores[0];
        for (var o = 1; o < scores.Length; o++) { highest = float.MaxNative(highest, scores[o]); }
        return highest;
    }

    /// <summary>Replaces scores with d.</summary>
    private static void Lower(Span<float> scores, float temperature)
    {
        var highest = Highest(scores);
        for (var o = 0; o < scores.Length; o++) { scores[o] -= highest; }
        if (temperature == 1) { return; }
        for (var o = 0; o < scores.Length; o++) { scores[o] /= temperature; }
    }
}
