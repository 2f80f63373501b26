using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Computes e^x for x up to 0, with a relative error of 1.2e-7, exact at 0.</summary>
/// <remarks>x = n ln 2 + r, e^x = 2ⁿ (1 + r + r² P(r)) in explicit steps: bits depend on neither count nor vector width, unlike
/// <c>TensorPrimitives.Exp</c>. The result is 0 below −87.33. Source: Moshier (1984), Cephes, for the polynomial of expf; Cody, Waite
/// (1980), for ln 2 in two parts.</remarks>
internal static class Exponentials
{
    private const float Least = -87.33654f;
    private const float RoundedBy = 12582912;       // 1.5 · 2²³: adding it puts the integer part in the lowest bits
    private const float Log2E = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;
    private const float P5 = 1.9875691500e-4f, P4 = 1.3981999507e-3f, P3 = 8.3334519073e-3f;
    private const float P2 = 4.1665795894e-2f, P1 = 1.6666665459e-1f, P0 = 5.0000001201e-1f;

    internal static void Of(Span<float> values)
    {
        var i = 0;
        for (; i + Lanes.Count <= values.Length; i += Lanes.Count) { Of(Vector512.Create<float>(values[i..])).CopyTo(values[i..]); }
        if (i < values.Length) { Lanes.Store(Of(Lanes.Load(values, i)), values, i); }
    }

    /// <summary>Requires that x is at most 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Of(Vector512<float> x)
    {
        var rounded = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), Vector512.Create(RoundedBy));
        var whole = rounded - Vector512.Create(RoundedBy);
        var rest = Vector512.FusedMultiplyAdd(whole, Vector512.Create(-Ln2High), x);
        rest = Vector512.FusedMultiplyAdd(whole, Vector512.Create(-Ln2Low), rest);
        var sum = Vector512.FusedMultiplyAdd(rest, Vector512.Create(P5), Vector512.Create(P4));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P3));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P2));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P1));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P0));
        sum = Vector512.FusedMultiplyAdd(rest * rest, sum, rest) + Vector512.Create(1f);
        var power = (Vector512.ShiftLeft(rounded.AsInt32(), 23) + Vector512.Create(1f).AsInt32()).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Least)), Vector512<float>.Zero, sum * power);
    }
}
