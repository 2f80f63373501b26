using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Models;

/// <summary>AVX-512, 16-bit pairs: byte products would saturate (vpmaddubsw). Two-byte weights save widening where many windows share
/// them.</summary>
internal readonly struct Pairs512<TBytes> : IByteDot<Vector512<short>>
    where TBytes : struct, ICount
{
    public static string Name => TBytes.Count == 1 ? "Pairs512" : "Wide512";

    public static bool IsSupported => Avx512BW.IsSupported;

    public static int Lanes => 16;

    public static int Group => 2;

    public static int WeightBytes => TBytes.Count;

    public static int Offset => 0;

    public static void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid) => Pairs256<TBytes>.LayOut(inputs, laid);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Load(ref sbyte weights) => TBytes.Count == 1
        ? Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref weights)) : Vector512.LoadUnsafe(ref weights).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Broadcast(ref byte inputs) => Vector512.Create(Unsafe.ReadUnaligned<int>(ref inputs)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Add(Vector512<short> sums, Vector512<short> inputs, Vector512<short> weights) =>
        (sums.AsInt32() + Avx512BW.MultiplyAddAdjacent(inputs, weights)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<short> sums, ref int to) => sums.AsInt32().StoreUnsafe(ref to);
}

/// <summary>AVX2, 16-bit pairs.</summary>
internal readonly struct Pairs256<TBytes> : IByteDot<Vector256<short>>
    where TBytes : struct, ICount
{
    public static string Name => TBytes.Count == 1 ? "Pairs256" : "Wide256";

    public static bool IsSupported => Avx2.IsSupported;

    public static int Lanes => 8;

    public static int Group => 2;

    public static int WeightBytes => TBytes.Count;

    public static int Offset => 0;

    public static void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid) =>
        TensorPrimitives.ConvertTruncating(inputs, MemoryMarshal.Cast<byte, ushort>(laid)[..inputs.Length]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Load(ref sbyte weights) => TBytes.Count == 1
        ? Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref weights)) : Vector256.LoadUnsafe(ref weights).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Broadcast(ref byte inputs) => Vector256.Create(Unsafe.ReadUnaligned<int>(ref inputs)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Add(Vector256<short> sums, Vector256<short> inputs, Vector256<short> weights) =>
        (sums.AsInt32() + Avx2.MultiplyAddAdjacent(inputs, weights)).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<short> sums, ref int to) => sums.AsInt32().StoreUnsafe(ref to);
}

/// <summary>AVX-VNNI: four bytes at a time.</summary>
internal readonly struct Fours256 : IByteDot<Vector256<sbyte>>
{
    public static string Name => nameof(Fours256);

    public static bool IsSupported => AvxVnni.IsSupported;

    public static int Lanes => 8;

    public static int Group => 4;

    public static int WeightBytes => 1;

    public static int Offset => 0;

    public static void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid) => inputs.CopyTo(laid);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Load(ref sbyte weights) => Vector256.LoadUnsafe(ref weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Broadcast(ref byte inputs) => Vector256.Create(Unsafe.ReadUnaligned<int>(ref inputs)).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Add(Vector256<sbyte> sums, Vector256<sbyte> inputs, Vector256<sbyte> weights) =>
        AvxVnni.MultiplyWideningAndAdd(sums.AsInt32(), inputs.AsByte(), weights).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<sbyte> sums, ref int to) => sums.AsInt32().StoreUnsafe(ref to);
}

/// <summary>Four bytes at a time, with the Arm dot product or portable. Inputs are signed: they are shifted by −128.</summary>
internal readonly struct Fours128 : IByteDot<Vector128<sbyte>>
{
    public static string Name => nameof(Fours128);

    public static bool IsSupported => true;

    public static int Lanes => 4;

    public static int Group => 4;

    public static int WeightBytes => 1;

    public static int Offset => 128;

    public static void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid) =>
        TensorPrimitives.Xor(inputs, (byte)0x80, laid[..inputs.Length]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Load(ref sbyte weights) => Vector128.LoadUnsafe(ref weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Broadcast(ref byte inputs) => Vector128.Create(Unsafe.ReadUnaligned<int>(ref inputs)).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Add(Vector128<sbyte> sums, Vector128<sbyte> inputs, Vector128<sbyte> weights)
    {
        if (Dp.IsSupported) { return Dp.DotProduct(sums.AsInt32(), inputs, weights).AsSByte(); }
        var (low, high) = Vector128.Widen(inputs);
        var (lowWeights, highWeights) = Vector128.Widen(weights);
        return (sums.AsInt32() + Vector128.Create(Folded(low * lowWeights), Folded(high * highWeights))).AsSByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<sbyte> sums, ref int to) => sums.AsInt32().StoreUnsafe(ref to);

    private static Vector64<int> Folded(Vector128<short> products)
    {
        var words = products.AsInt32();
        var pairs = ((words << 16) >> 16) + (words >> 16);
        return Vector64.Create(pairs[0] + pairs[1], pairs[2] + pairs[3]);
    }
}
