using System.Runtime.CompilerServices;

namespace StreamLearn.Models;

/// <summary>One of four chains of up to four sums: one or four rows of a vector, or one or two rows of two.</summary>
internal struct Chain<TSimd, TVector, TRows, TVectors>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, ICount
    where TVectors : struct, ICount
{
    private TVector _first;
    private TVector _second;
    private TVector _third;
    private TVector _fourth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Chain<TSimd, TVector, TRows, TVectors> Load(ref float chains)
    {
        Chain<TSimd, TVector, TRows, TVectors> chain = default;
        chain._first = TSimd.Load(ref chains);
        if (TRows.Count * TVectors.Count > 1) { chain._second = TSimd.Load(ref Unsafe.Add(ref chains, 4 * TSimd.Lanes)); }
        if (TRows.Count * TVectors.Count > 2) { chain._third = TSimd.Load(ref Unsafe.Add(ref chains, 8 * TSimd.Lanes)); }
        if (TRows.Count * TVectors.Count > 2) { chain._fourth = TSimd.Load(ref Unsafe.Add(ref chains, 12 * TSimd.Lanes)); }
        return chain;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(ref float a, ref float b, ref float c, ref float d, nint at, ref float line, int pitch)
    {
        var low = TSimd.Load(ref line);
        var factor = TSimd.Fill(Unsafe.Add(ref a, at));
        _first = TSimd.MultiplyAdd(factor, low, _first);
        if (TVectors.Count > 1)
        {
            var high = TSimd.Load(ref Unsafe.Add(ref line, pitch - TSimd.Lanes));
            _second = TSimd.MultiplyAdd(factor, high, _second);
            if (TRows.Count == 1) { return; }
            factor = TSimd.Fill(Unsafe.Add(ref b, at));
            _third = TSimd.MultiplyAdd(factor, low, _third);
            _fourth = TSimd.MultiplyAdd(factor, high, _fourth);
        }
        else if (TRows.Count > 1)
        {
            _second = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref b, at)), low, _second);
            _third = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref c, at)), low, _third);
            _fourth = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref d, at)), low, _fourth);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Store(ref float chains)
    {
        TSimd.Store(_first, ref chains);
        if (TRows.Count * TVectors.Count > 1) { TSimd.Store(_second, ref Unsafe.Add(ref chains, 4 * TSimd.Lanes)); }
        if (TRows.Count * TVectors.Count > 2) { TSimd.Store(_third, ref Unsafe.Add(ref chains, 8 * TSimd.Lanes)); }
        if (TRows.Count * TVectors.Count > 2) { TSimd.Store(_fourth, ref Unsafe.Add(ref chains, 12 * TSimd.Lanes)); }
    }
}
