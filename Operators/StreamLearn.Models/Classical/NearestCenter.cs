using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal static class NearestCenter
{
    internal static int Find(ReadOnlySpan<float> centers, ReadOnlySpan<float> row, out float least)
    {
        (var nearest, least) = (0, float.PositiveInfinity);
        for (int c = 0, at = 0; at < centers.Length; c++, at += row.Length)
        {
            var squares = Squares(row, centers.Slice(at, row.Length));
            if (squares < least) { (nearest, least) = (c, squares); }
        }

        return nearest;
    }

    internal static float Squares(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var chains = Vector128<float>.Zero;
        var k = 0;
        for (; k + 4 <= a.Length; k += 4)
        {
            var difference = Vector128.Create(a[k..]) - Vector128.Create(b[k..]);
            chains = Vector128.FusedMultiplyAdd(difference, difference, chains);
        }

        for (var chain = 0; k < a.Length; k++, chain++)
        {
            var difference = a[k] - b[k];
            chains = chains.WithElement(chain, MathF.FusedMultiplyAdd(difference, difference, chains[chain]));
        }

        return (chains[0] + chains[1]) + (chains[2] + chains[3]);
    }
}
