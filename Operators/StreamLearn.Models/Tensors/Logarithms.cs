using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>ln x, relative error 1.2e-7, exact at 1.</summary>
/// <remarks>x = 2ⁿ m, m from √½ to √2, ln x = n ln 2 + r − ½r² + r³ P(r), r = m − 1, in explicit steps: bits do not depend on vector width.
/// Source: Moshier (1984), Cephes, the polynomial of logf.</remarks>
internal static class Logarithms
{
    private const float Root = 0.707106781f;
    private const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;
    private const float P8 = 7.0376836292e-2f, P7 = -1.1514610310e-1f, P6 = 1.1676998740e-1f, P5 = -1.2420140846e-1f;
    private const float P4 = 1.4249322787e-1f, P3 = -1.6668057665e-1f, P2 = 2.0000714765e-1f, P1 = -2.4999993993e-1f;
    private const float P0 = 3.3333331174e-1f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Of(Vector512<float> x)
    {
        var bits = x.AsInt32() - Vector512.Create(Root).AsInt32();      // whole multiples of 2²³ are powers of 2, starting at √½
        var power = Vector512.ShiftRightArithmetic(bits, 23);
        var rest = (x.AsInt32() - Vector512.ShiftLeft(power, 23)).AsSingle() - Vector512.Create(1f);
        var whole = Vector512.ConvertToSingle(power);
        var square = rest * rest;
        var sum = Vector512.FusedMultiplyAdd(rest, Vector512.Create(P8), Vector512.Create(P7));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P6));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P5));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P4));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P3));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P2));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P1));
        sum = Vector512.FusedMultiplyAdd(rest, sum, Vector512.Create(P0)) * rest * square;
        sum = Vector512.FusedMultiplyAdd(whole, Vector512.Create(Ln2Low), sum);
        sum = rest + Vector512.FusedMultiplyAdd(Vector512.Create(-0.5f), square, sum);
        sum = Vector512.FusedMultiplyAdd(whole, Vector512.Create(Ln2High), sum);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), sum, x);
    }
}
