using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Formats;

/// <summary>Scans arrays of numbers into columns.</summary>
/// <remarks>
/// A vector of 32 bytes finds the digits of a number and of its fraction; the point is taken out and up to 16 digits become an integer at
/// once, without a branch on their count. What is longer, has an exponent, or lies at the end of the text is read digit by digit.
/// Commas are found 64 bytes at a time beforehand, so that reading a number does not wait for the length of the one before.
/// </remarks>
internal static class NumberArrays
{
    private const int BlockBytes = 64;  // of which commas are found at once

    /// <summary>Reads numbers, from the start of one to the end of the array.</summary>
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
            if (at <= json.Length - NumberBlock.Reach
                && NumberBlock.TryRead<T, TRule>(ref Unsafe.Add(ref text, at), power, out values[taken], out var length))
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

    /// <summary>Reads one number. <paramref name="position"/>: where it begins; afterwards the byte after it. <paramref name="power"/>: the
    /// power of ten of the column's unit.</summary>
    internal static bool TryNumber<T, TRule>(ReadOnlySpan<byte> json, ref int position, int power, out T value)
        where T : unmanaged
        where TRule : struct, INumberRule<T>
    {
        ref var text = ref Unsafe.Add(ref MemoryMarshal.GetReference(json), position);
        if (position <= json.Length - NumberBlock.Reach && NumberBlock.TryRead<T, TRule>(ref text, power, out value, out var length)
            && (Unsafe.Add(ref text, length) | 0x20) != 'e')
        {
            position += length;
            return true;
        }

        var start = position;
        value = default;
        return DecimalNumber.TryRead(json, ref position, out var number) && TRule.TryMake(number, json[start..position], power, out value);
    }

    /// <summary>Passes white space and a comma after a value. <paramref name="position"/>: after the value; afterwards at the next one, or
    /// at the closing bracket. <paramref name="closed"/>: true at a closing bracket.</summary>
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
}
