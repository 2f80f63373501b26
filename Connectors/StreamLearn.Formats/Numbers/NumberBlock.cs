using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Formats;

/// <summary>Reads up to 16 digits at once without a branch on their number; further digits eight at a time.</summary>
internal static class NumberBlock
{
    /// <summary>Bytes that may be read from the start of a number.</summary>
    internal const int Reach = 40;

    private const int BlockDigits = 16;
    private const ulong Zeros = 0x3030_3030_3030_3030;

    /// <summary>Row 16 − n starts with n bytes of ones.</summary>
    private static ReadOnlySpan<byte> Heads =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Row n has the shuffle indices that right-align the first n bytes after zeros.</summary>
    private static ReadOnlySpan<byte> Slides =>
    [
        128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ];

    /// <summary>Bytes of 0 to 9, lowest first.</summary>
    internal static uint EightDigits(ulong digits)
    {
        digits = (digits * 10) + (digits >> 8);
        const ulong Pairs = 0x0000_00FF_0000_00FF;
        return (uint)((((digits & Pairs) * (100 + (1_000_000UL << 32))) + (((digits >> 16) & Pairs) * (1 + (10_000UL << 32)))) >> 32);
    }

    /// <summary>Returns false for exponents, too many digits, or no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryRead<T, TRule>(ref byte text, int power, out T value, out int length)
        where T : unmanaged
        where TRule : struct, INumberRule<T>
    {
        var negative = text == '-' ? 1u : 0u;
        ref var start = ref Unsafe.Add(ref text, negative);
        var bytes = Vector256.LoadUnsafe(ref start) - Vector256.Create((byte)'0');
        var others = ~(ulong)Vector256.LessThanOrEqual(bytes, Vector256.Create((byte)9)).ExtractMostSignificantBits();
        var whole = BitOperations.TrailingZeroCount(others);
        var point = Unsafe.Add(ref start, whole) == '.' ? 1 : 0;
        var places = BitOperations.TrailingZeroCount(others >> (whole + 1)) & -point;
        length = (int)negative + whole + point + places;
        var digits = whole + places;
        if (whole == 0 || places < point || (start == '0' && whole > 1) || digits > DecimalNumber.MaxDigits
            || whole > BlockDigits)
        {
            value = default;
            return false;
        }

        var head = Vector128.LoadUnsafe(in MemoryMarshal.GetReference(Heads), (nuint)(BlockDigits - whole));
        var behind = Vector128.LoadUnsafe(ref start, 1) - Vector128.Create((byte)'0');
        var together = Vector128.ConditionalSelect(head, bytes.GetLower(), behind);
        ulong number;
        if (digits <= BlockDigits)
        {
            var slide = Vector128.LoadUnsafe(in MemoryMarshal.GetReference(Slides), (nuint)digits);
            number = SixteenDigits(Vector128.ShuffleNative(together, slide));
        }
        else
        {
            var rest = digits - BlockDigits;
            var tail = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, BlockDigits + point)) - Zeros;
            number = (SixteenDigits(together) * PowersOfTen.Whole[rest]) + EightDigits(tail << (8 * (8 - rest)));
        }

        return TRule.TryFast(number, places, negative, power, out value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SixteenDigits(Vector128<byte> digits)
    {
        if (!Sse41.IsSupported)
        {
            var halves = digits.AsUInt64();
            return (EightDigits(halves[0]) * 100_000_000UL) + EightDigits(halves[1]);
        }

        var pairs = Ssse3.MultiplyAddAdjacent(digits, Vector128.Create((short)0x010A).AsSByte());
        var fours = Sse2.MultiplyAddAdjacent(pairs, Vector128.Create(100, 1, 100, 1, 100, 1, 100, 1));
        var packed = Sse41.PackUnsignedSaturate(fours, fours).AsInt16();
        var eights = Sse2.MultiplyAddAdjacent(packed, Vector128.Create(10_000, 1, 10_000, 1, 10_000, 1, 10_000, 1)).AsUInt64()[0];
        return ((eights & uint.MaxValue) * 100_000_000UL) + (eights >> 32);
    }
}
