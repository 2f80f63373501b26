using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Count, mean and sum of squared deviations of values, in float64. Immutable.</summary>
/// <remarks>Adding values gives the same bits however calls group them. Source: Welford (1962); Chan, Golub, LeVeque (1979) for
/// merging.</remarks>
/// <param name="Count">Values, 0 or more.</param>
/// <param name="Mean">Their mean; 0 without values.</param>
/// <param name="M2">Σ(x − mean)².</param>
public readonly record struct Moments(long Count, double Mean, double M2)
{
    /// <summary>Population variance, M2 ÷ count; 0 without values.</summary>
    public double Variance => Count > 0 ? M2 / Count : 0;

    /// <summary>Population standard deviation.</summary>
    public double Deviation => Math.Sqrt(Variance);

    private double Factor => 1 / Math.Sqrt(Variance + 1e-8);

    /// <summary>Adds one value.</summary>
    public Moments Add(double value)
    {
        var count = Count + 1;
        var difference = value - Mean;
        var mean = Mean + (difference * (1.0 / count));
        return new(count, mean, M2 + (difference * (value - mean)));
    }

    /// <summary>Adds the values of a float32 column in row order; skips missing and non-finite ones.</summary>
    public Moments Add(Column column)
    {
        var values = column.Values<float>();
        var complete = !column.Field.Nullable;
        var moments = this;
        for (var row = 0; row < values.Length; row++)
        {
            if (float.IsFinite(values[row]) && (complete || column.IsValid(row))) { moments = moments.Add(values[row]); }
        }

        return moments;
    }

    /// <summary>Merges the moments of two sets by Chan's formula.</summary>
    /// <param name="other">The moments of the other set.</param>
    public Moments Merge(in Moments other)
    {
        if (Count == 0) { return other; }
        if (other.Count == 0) { return this; }
        var count = Count + other.Count;
        var difference = other.Mean - Mean;
        var share = (double)other.Count / count;
        return new(count, Mean + (difference * share), M2 + other.M2 + (difference * difference * Count * share));
    }

    /// <summary>Scales a float32 column in place: (x − mean) ÷ √(variance + 1e-8), in float64, rounded once.</summary>
    /// <param name="column">A column of a writable batch.</param>
    public void Scale(Column column) => Scale(column.Values<float>(), column.Writable<float>());

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal void Scale(ReadOnlySpan<float> values, Span<float> scaled)
    {
        var (mean, factor) = (Mean, Factor);
        ref var first = ref MemoryMarshal.GetReference(values);
        ref var target = ref MemoryMarshal.GetReference(scaled);
        var (means, factors, row) = (Vector256.Create(mean), Vector256.Create(factor), 0);
        for (; row + Vector256<float>.Count <= values.Length; row += Vector256<float>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref first, (nuint)row));
            Vector256.Narrow((low - means) * factors, (high - means) * factors).StoreUnsafe(ref target, (nuint)row);
        }

        for (; row < values.Length; row++) { scaled[row] = (float)((values[row] - mean) * factor); }
    }

    /// <summary>Scales a value; bit-identical to scaling a column.</summary>
    internal float Scale(float value) => (float)((value - Mean) * Factor);
}
