using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Formats;

/// <summary>Why a scan of an array stopped.</summary>
internal enum ScanEnd
{
    /// <summary>At the closing bracket.</summary>
    Closed,

    /// <summary>There is no place for the number at the position.</summary>
    Full,

    /// <summary>At something that is no number, or none that the column holds.</summary>
    Other,

    /// <summary>At a byte that JSON does not allow there.</summary>
    Bad,
}

/// <summary>Scans arrays of numbers into columns.</summary>
/// <remarks>
/// A vector of 32 bytes finds the digits of a number and of its fraction; the point is taken out and up to 16 digits become an integer at
/// once, without a branch on their count. What is longer, has an exponent, or lies at the end of the text is read digit by digit.
/// Commas are found 64 bytes at a time beforehand, so that reading a number does not wait for the length of the one before.
/// </remarks>
internal static class NumberArrays
{
    private const int Reach = 40;       // bytes from a number's start that may be read at once
    private const int BlockDigits = 16;
    private const int BlockBytes = 64;  // of which commas are found at once
    private const ulong Zeros = 0x3030_3030_3030_3030;

    /// <summary>From place 16 − n on: n bytes of ones.</summary>
    private static ReadOnlySpan<byte> Heads =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>From place n on: indices that move the first n bytes to the end, behind zeros.</summary>
    private static ReadOnlySpan<byte> Slides =>
    [
        128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ];

    /// <summary>Reads numbers, from the start of one to the end of the array.</summary>
    /// <param name="json">The text.</param>
    /// <param name="position">Where to begin; afterwards where it stopped.</param>
    /// <param name="values">The column.</param>
    /// <param name="count">Values in the column, before and after.</param>
    /// <param name="power">The power of ten of the column's unit.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // a profile would lay it out for the texts that came first
    internal static ScanEnd Scan<T, TRule>(ReadOnlySpan<byte> json, ref int position, Span<T> values, ref int count, int power)
        where T : unmanaged
        where TRule : struct, INumberRule<T>
    {
        ref var text = ref MemoryMarshal.GetReference(json);
        var (at, taken, end) = (position, count, ScanEnd.Full);
        var (block, commas) = (at - BlockBytes, 0UL);
        while (taken < values.Length)
        {
            while (commas == 0 && block <= json.Length - (2 * BlockBytes))
            {
                block += BlockBytes;
                var bytes = Vector512.LoadUnsafe(ref text, (nuint)block);
                commas = Vector512.Equals(bytes, Vector512.Create((byte)',')).ExtractMostSignificantBits();
            }

            var next = -1;
            if (at <= json.Length - Reach && TryBlock<T, TRule>(ref Unsafe.Add(ref text, at), power, out values[taken], out var length))
            {
                next = at + length;
                var comma = block + BitOperations.TrailingZeroCount(commas);
                if (next == comma && commas != 0)
                {
                    at = comma + 1;     // known before the number is: the processor reads the next one beside it
                    commas &= commas - 1;
                    taken++;
                    if (Unsafe.Add(ref text, at) <= ' ') { PassSpace(json, ref at); }
                    continue;
                }

                if ((Unsafe.Add(ref text, next) | 0x20) == 'e') { next = -1; }
            }

            if (next < 0)
            {
                PassSpace(json, ref at);
                if (at == json.Length || json[at] == ']')
                {
                    end = ScanEnd.Bad;
                    break;
                }

                next = at;
                if (!DecimalNumber.TryRead(json, ref next, out var number)
                    || !TRule.TryMake(number, json[at..next], power, out values[taken]))
                {
                    end = ScanEnd.Other;
                    break;
                }
            }

            at = next;
            if (!TryPassComma(json, ref at, out var closed))
            {
                end = ScanEnd.Bad;
                break;
            }

            taken++;
            if (closed)
            {
                end = ScanEnd.Closed;
                break;
            }

            (block, commas) = (at - BlockBytes, 0);
        }

        (position, count) = (at, taken);
        return end;
    }

    /// <summary>Reads one number.</summary>
    /// <param name="json">The text.</param>
    /// <param name="position">Where it begins; afterwards the byte behind it.</param>
    /// <param name="power">The power of ten of the column's unit.</param>
    /// <param name="value">The value.</param>
    /// <returns>False if none stands there that the column holds; what may follow a number is not looked at.</returns>
    internal static bool TryNumber<T, TRule>(ReadOnlySpan<byte> json, ref int position, int power, out T value)
        where T : unmanaged
        where TRule : struct, INumberRule<T>
    {
        ref var text = ref Unsafe.Add(ref MemoryMarshal.GetReference(json), position);
        if (position <= json.Length - Reach && TryBlock<T, TRule>(ref text, power, out value, out var length)
            && (Unsafe.Add(ref text, length) | 0x20) != 'e')
        {
            position += length;
            return true;
        }

        var start = position;
        value = default;
        return DecimalNumber.TryRead(json, ref position, out var number) && TRule.TryMake(number, json[start..position], power, out value);
    }

    /// <summary>Passes white space and a comma behind a value.</summary>
    /// <param name="json">The text.</param>
    /// <param name="position">Behind the value; afterwards at the next one, or at the closing bracket.</param>
    /// <param name="closed">True at a closing bracket.</param>
    /// <returns>False if neither stands there, or nothing between comma and bracket.</returns>
    internal static bool TryPassComma(ReadOnlySpan<byte> json, ref int position, out bool closed)
    {
        PassSpace(json, ref position);
        closed = position < json.Length && json[position] == ']';
        if (closed) { return true; }
        if (position >= json.Length || json[position] != ',') { return false; }
        position++;
        PassSpace(json, ref position);
        return position < json.Length && json[position] != ']';
    }

    /// <summary>Passes white space of JSON.</summary>
    internal static void PassSpace(ReadOnlySpan<byte> json, ref int position)
    {
        while (position < json.Length && json[position] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') { position++; }
    }

    /// <summary>Eight digits, each a byte from 0 to 9, the first in the lowest byte, as a number.</summary>
    internal static uint EightDigits(ulong digits)
    {
        digits = (digits * 10) + (digits >> 8);
        const ulong Pairs = 0x0000_00FF_0000_00FF;
        return (uint)((((digits & Pairs) * (100 + (1_000_000UL << 32))) + (((digits >> 16) & Pairs) * (1 + (10_000UL << 32)))) >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryBlock<T, TRule>(ref byte text, int power, out T value, out int length)
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
