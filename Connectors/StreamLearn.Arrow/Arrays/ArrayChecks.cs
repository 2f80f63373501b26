using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace StreamLearn.Arrow;

/// <summary>No later access is outside the memory. Linear for indices, offsets, strings and validity; constant for fixed widths.</summary>
internal static class ArrayChecks
{
    internal static bool HasWideOffsets(ArrowKind kind) => kind is ArrowKind.LargeUtf8 or ArrowKind.LargeBinary or ArrowKind.LargeList;

    internal static bool HasOffsets(ArrowKind kind) => kind is ArrowKind.Utf8 or ArrowKind.Binary or ArrowKind.List || HasWideOffsets(kind);

    internal static bool IsNested(ArrowKind kind) =>
        kind is ArrowKind.List or ArrowKind.LargeList or ArrowKind.FixedSizeList or ArrowKind.Struct;

    /// <summary>The children must be checked already.</summary>
    internal static void Check(ArrowArray array)
    {
        var (kind, length) = (array.Stored, array.Length);
        CheckMissing(array, kind, length);
        if (HasOffsets(kind)) { CheckOffsets(array, kind, length); }
        else
        {
            var needed = kind == ArrowKind.Bool ? Bits.Bytes(length) : (long)ArrowType.BytesOf(kind, array.Field.Type.Width) * length;
            if (array.Data.Length < needed) { throw Short(array, "bytes of values", needed, array.Data.Length); }
        }

        if (kind == ArrowKind.Struct || kind == ArrowKind.FixedSizeList) { CheckChildren(array, kind, length); }
        if (array.Field.Dictionary is not null) { CheckPlaces(array); }
    }

    private static void CheckMissing(ArrowArray array, ArrowKind kind, int length)
    {
        if (kind == ArrowKind.Null || array.NullCount == 0) { return; }
        if (!array.Field.Nullable) { throw Bad(array, $"expected no missing value, got {array.NullCount}"); }
        var needed = Bits.Bytes(length);
        if (array.Validity.Length < needed) { throw Short(array, "bytes of validity", needed, array.Validity.Length); }
        var missing = length - Bits.Count(array.Validity.Span, length);
        if (missing != array.NullCount)
        {
            throw Bad(array, $"expected {array.NullCount} missing values, the number in the header, got {missing}");
        }
    }

    private static void CheckOffsets(ArrowArray array, ArrowKind kind, int length)
    {
        var width = HasWideOffsets(kind) ? sizeof(long) : sizeof(int);
        if (length == 0 && array.Offsets.IsEmpty) { return; }
        var needed = ((long)length + 1) * width;
        if (array.Offsets.Length < needed) { throw Short(array, "bytes of offsets", needed, array.Offsets.Length); }
        var isList = kind is ArrowKind.List or ArrowKind.LargeList;
        var end = isList ? array.Children[0].Length : array.Data.Length;
        var offsets = array.Offsets.Span[..(int)needed];
        var rising = width == sizeof(long) ? Rise<long>(offsets, out var first, out var last) : RiseNarrow(offsets, out first, out last);
        if (!rising || first < 0 || last > end)
        {
            throw Bad(array, string.Create(CultureInfo.InvariantCulture, $"expected rising offsets from 0 to {end}, got other offsets"));
        }

        if (kind is ArrowKind.Utf8 or ArrowKind.LargeUtf8) { CheckTexts(array, (int)first, (int)last); }
    }

    private static bool RiseNarrow(ReadOnlySpan<byte> bytes, out long first, out long last) => Rise<int>(bytes, out first, out last);

    private static bool Rise<T>(ReadOnlySpan<byte> bytes, out long first, out long last)
        where T : unmanaged, IBinaryInteger<T>
    {
        var offsets = MemoryMarshal.Cast<byte, T>(bytes);
        (first, last) = (long.CreateTruncating(offsets[0]), long.CreateTruncating(offsets[^1]));
        var i = 1;
        var falls = Vector<T>.Zero;
        for (; i + Vector<T>.Count <= offsets.Length; i += Vector<T>.Count)
        {
            falls |= Vector.LessThan(new Vector<T>(offsets[i..]), new Vector<T>(offsets[(i - 1)..]));
        }

        for (; i < offsets.Length; i++)
        {
            if (offsets[i] < offsets[i - 1]) { return false; }
        }

        return falls == Vector<T>.Zero;
    }

    /// <summary>Requires UTF-8 and offsets at character boundaries; bytes of missing values are ignored.</summary>
    private static void CheckTexts(ArrowArray array, int first, int last)
    {
        var data = array.Data.Span;
        if (Utf8.IsValid(data[first..last]) && !BeginsInside(array, data, last)) { return; }
        for (var i = 0; i < array.Length; i++)
        {
            if (array.IsValid(i) && !Utf8.IsValid(array.Bytes(i))) { throw Bad(array, $"expected UTF-8, got other bytes in value {i}"); }
        }
    }

    private static bool BeginsInside(ArrowArray array, ReadOnlySpan<byte> data, int last)
    {
        if (Ascii(data[..last])) { return false; }
        for (var i = 0; i < array.Length; i++)
        {
            var (start, _) = array.Range(i);
            if (start < last && (data[start] & 0xC0) == 0x80) { return true; }
        }

        return false;
    }

    private static bool Ascii(ReadOnlySpan<byte> data) => System.Text.Ascii.IsValid(data);

    private static void CheckChildren(ArrowArray array, ArrowKind kind, int length)
    {
        var needed = kind == ArrowKind.Struct ? length : (long)length * array.Field.Type.Width;
        foreach (var child in array.Children)
        {
            if (child.Length < needed) { throw Short(array, $"values of '{child.Field.Name}'", needed, child.Length); }
        }
    }

    internal static void CheckPlaces(ArrowArray array)
    {
        var data = array.Data.Span;
        var (length, entries) = (array.Length, array.Dictionary!.Length);
        // as unsigned numbers, negative indices are large: those of signed types must stay below half the range
        var greatest = array.Stored switch
        {
            ArrowKind.Int8 or ArrowKind.UInt8 => Greatest<byte>(data[..length]),
            ArrowKind.Int16 or ArrowKind.UInt16 => Greatest<ushort>(data[..(2 * length)]),
            ArrowKind.Int32 or ArrowKind.UInt32 => Greatest<uint>(data[..(4 * length)]),
            _ => Greatest<ulong>(data[..(8 * length)]),
        };
        var half = array.Stored switch { ArrowKind.Int8 => 1UL << 7, ArrowKind.Int16 => 1UL << 15, _ => ulong.MaxValue };
        array.EntriesNeeded = length == 0 ? 0 : (int)Math.Min(greatest, int.MaxValue - 1) + 1;
        if (length == 0 || greatest < Math.Min((ulong)entries, half)) { return; }
        array.EntriesNeeded = 0;
        for (var i = 0; i < length; i++)      // values behind missing entries are arbitrary
        {
            if (!array.IsValid(i)) { continue; }
            var place = array.Stored == ArrowKind.UInt64 ? (long)Math.Min(array.Values<ulong>()[i], long.MaxValue) : array.Integer(i);
            if ((ulong)place >= (ulong)entries)
            {
                throw Bad(array, string.Create(CultureInfo.InvariantCulture,
                    $"expected indexes below {entries}, the size of the dictionary, got {place} in value {i}"));
            }

            array.EntriesNeeded = Math.Max(array.EntriesNeeded, (int)place + 1);
        }
    }

    private static ulong Greatest<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var places = MemoryMarshal.Cast<byte, T>(bytes);
        var most = Vector<T>.Zero;
        var i = 0;
        for (; i + Vector<T>.Count <= places.Length; i += Vector<T>.Count) { most = Vector.Max(most, new Vector<T>(places[i..])); }
        var greatest = T.Zero;
        for (var lane = 0; lane < Vector<T>.Count; lane++) { greatest = T.Max(greatest, most[lane]); }
        for (; i < places.Length; i++) { greatest = T.Max(greatest, places[i]); }
        return ulong.CreateTruncating(greatest);
    }

    private static ArrowFormatException Short(ArrowArray array, string what, long needed, long got) =>
        Bad(array, string.Create(CultureInfo.InvariantCulture, $"expected at least {needed} {what}, got {got}"));

    private static ArrowFormatException Bad(ArrowArray array, string message) => new($"column '{array.Field.Name}': {message}");
}
