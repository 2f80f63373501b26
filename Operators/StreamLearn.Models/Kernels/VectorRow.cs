using System.Runtime.CompilerServices;

namespace StreamLearn.Models;

/// <summary>One row of up to three vectors.</summary>
internal struct VectorRow<TSimd, TVector, TVectors>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TVectors : struct, ICount
{
    private TVector _first;
    private TVector _second;
    private TVector _third;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static VectorRow<TSimd, TVector, TVectors> Load(ref float source)
    {
        VectorRow<TSimd, TVector, TVectors> row = default;
        row._first = TSimd.Load(ref source);
        if (TVectors.Count > 1) { row._second = TSimd.Load(ref Unsafe.Add(ref source, TSimd.Lanes)); }
        if (TVectors.Count > 2) { row._third = TSimd.Load(ref Unsafe.Add(ref source, 2 * TSimd.Lanes)); }
        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void MultiplyAdd(float factor, in VectorRow<TSimd, TVector, TVectors> values)
    {
        var factors = TSimd.Fill(factor);
        _first = TSimd.MultiplyAdd(factors, values._first, _first);
        if (TVectors.Count > 1) { _second = TSimd.MultiplyAdd(factors, values._second, _second); }
        if (TVectors.Count > 2) { _third = TSimd.MultiplyAdd(factors, values._third, _third); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Store(ref float target)
    {
        TSimd.Store(_first, ref target);
        if (TVectors.Count > 1) { TSimd.Store(_second, ref Unsafe.Add(ref target, TSimd.Lanes)); }
        if (TVectors.Count > 2) { TSimd.Store(_third, ref Unsafe.Add(ref target, 2 * TSimd.Lanes)); }
    }
}
