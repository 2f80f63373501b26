using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Formats;

/// <summary>Scans number arrays into columns.</summary>
/// <remarks>A 32-byte vector finds the digits; up to 16 are converted without a branch on their count. Longer numbers, exponents and the
/// end of the input are read digit by digit. Commas are found 64 bytes ahead, so that numbers do not wait for each other.</remarks>
internal static class NumberArrays
{
    private const int BlockBytes = 64;  // searched for commas at once

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // profile-guided code would fit only the first inputs
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
                    at = comma + 1;     // known before the number, so that the processor can already read the next one
                    commas &= commas - 1;
                    taken++;
                    if (Unsafe.Add(ref text, at) <= ' ') { PassSpace(json, ref at); }
                    continue;
                }

                if ((Unsafe.Add(ref text, next) | 0x20) == 'e') { next = -1; }
            }

            if (next >= 0) { at = next; }
            else if (!TryEach<T, TRule>(json, ref at, power, out values[taken], out end)) { break; }
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

    private static bool TryEach<T, TRule>(ReadOnlySpan<byte> json, ref int position, int power, out T value, out ScanEnd end)
        where T : unmanaged
        where TRule : struct, INumberRule<T>
    {
        PassSpace(json, ref position);
        (value, end) = (default, ScanEnd.Bad);
        if (position == json.Length || json[position] == ']') { return false; }
        var next = position;
        end = ScanEnd.Other;
        if (!DecimalNumber.TryRead(json, ref next, out var number)) { return false; }
        if (!TRule.TryMake(number, json[position..next], power, out value)) { return false; }
        (position, end) = (next, ScanEnd.Full);
        return true;
    }

    /// <summary><paramref name="position"/>: on return, the byte after the number. <paramref name="power"/>: of ten, of the column's
    /// unit.</summary>
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

    /// <summary>Skips white space and a comma. <paramref name="closed"/>: true at a closing bracket.</summary>
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

    internal static void PassSpace(ReadOnlySpan<byte> json, ref int position)
    {
        while (position < json.Length && json[position] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') { position++; }
    }
}
