using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal static class Linear
{
    /// <summary>Computes sums += factor · values, fused; the bits do not depend on the vector width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void MultiplyAdd(float factor, ReadOnlySpan<float> values, Span<float> sums)
    {
        var i = 0;
        var factors = Vector128.Create(factor);
        for (; i + Vector128<float>.Count <= values.Length; i += Vector128<float>.Count)
        {
            var sum = Vector128.FusedMultiplyAdd(factors, Vector128.Create(values[i..]), Vector128.Create<float>(sums[i..]));
            sum.CopyTo(sums[i..]);
        }

        for (; i < values.Length; i++) { sums[i] = MathF.FusedMultiplyAdd(factor, values[i], sums[i]); }
    }
}
