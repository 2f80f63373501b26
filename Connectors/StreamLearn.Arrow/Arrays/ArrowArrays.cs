using System.Buffers.Binary;
using System.Collections.Immutable;

namespace StreamLearn.Arrow;

/// <summary>Makes arrays of fields, and copies and joins them.</summary>
internal static class ArrowArrays
{
    /// <summary>An array for a column, and those within, over nothing yet.</summary>
    internal static ArrowArray For(ArrowField field) => new(field, field.Dictionary is null ? ForAll(field.Children) : []);

    internal static ImmutableArray<ArrowArray> ForAll(ImmutableArray<ArrowField> fields)
    {
        if (fields.IsEmpty) { return []; }
        var arrays = ImmutableArray.CreateBuilder<ArrowArray>(fields.Length);
        foreach (var field in fields) { arrays.Add(For(field)); }
        return arrays.MoveToImmutable();
    }

    /// <summary>Bytes of an array and those within.</summary>
    internal static long SizeOf(ArrowArray array)
    {
        var bytes = (long)array.Validity.Length + array.Offsets.Length + array.Data.Length;
        foreach (var child in array.Children) { bytes += SizeOf(child); }
        return bytes;
    }

    /// <summary>The same values in memory of their own.</summary>
    internal static ArrowArray Copy(ArrowArray array)
    {
        var copy = new ArrowArray(array.Field, [.. array.Children.Select(Copy)]);
        copy.Set(array.Length, array.NullCount, array.Validity.ToArray(), array.Offsets.ToArray(), array.Data.ToArray(), array.Dictionary);
        return copy;
    }

    /// <summary>The values of one array and then of another of the same field, in memory of their own.</summary>
    internal static ArrowArray Join(ArrowArray first, ArrowArray then)
    {
        var (kind, length) = (first.Stored, checked(first.Length + then.Length));
        var width = ArrowType.BytesOf(kind, first.Field.Type.Width);
        ReadOnlyMemory<byte> data = kind == ArrowKind.Bool ? JoinBits(first.Data, first.Length, then.Data, then.Length)
            : width > 0 ? Append(first.Data[..(width * first.Length)], then.Data[..(width * then.Length)])
            : ArrayChecks.HasOffsets(kind) && first.Children.IsEmpty ? Append(first.Data[Used(first)], then.Data[Used(then)]) : default;
        var missing = first.NullCount + then.NullCount;
        var joined = new ArrowArray(first.Field, Children(first, then, kind));
        joined.Set(length, missing, missing == 0 ? default : JoinBits(Present(first), first.Length, Present(then), then.Length),
            ArrayChecks.HasOffsets(kind) ? JoinOffsets(first, then, kind) : default, data, then.Dictionary);
        ArrayChecks.Check(joined);
        return joined;
    }

    /// <summary>True if the shorter one of two arrays of a field has the values that the other begins with, bit for bit; where it has
    /// places of entries, the same of those.</summary>
    internal static bool BeginSame(ArrowArray a, ArrowArray b)
    {
        var common = Math.Min(a.Length, b.Length);
        var (x, y) = (new BodyWriting(compresses: false), new BodyWriting(compresses: false));
        x.Add(a.Slice(0, common));
        y.Add(b.Slice(0, common));
        return x.HasSame(y) && HaveSameEntries(a, b);
    }

    private static bool HaveSameEntries(ArrowArray a, ArrowArray b)
    {
        if (a.Dictionary is not null) { return BeginSame(a.Dictionary, b.Dictionary!); }
        for (var i = 0; i < a.Children.Length; i++)
        {
            if (!HaveSameEntries(a.Children[i], b.Children[i])) { return false; }
        }

        return true;
    }

    /// <summary>What the offsets of an array refer to.</summary>
    internal static Range Used(ArrowArray array) =>
        array.Length == 0 ? 0..0 : array.Range(0).Start..array.Range(array.Length - 1).End;

    private static ImmutableArray<ArrowArray> Children(ArrowArray first, ArrowArray then, ArrowKind kind)
    {
        var children = ImmutableArray.CreateBuilder<ArrowArray>(first.Children.Length);
        for (var i = 0; i < first.Children.Length; i++)
        {
            children.Add(Join(UsedChild(first, kind, i), UsedChild(then, kind, i)));
        }

        return children.MoveToImmutable();
    }

    /// <summary>The values within that an array refers to.</summary>
    internal static ArrowArray UsedChild(ArrowArray array, ArrowKind kind, int child)
    {
        var (start, length) = kind switch
        {
            ArrowKind.Struct => (0, array.Length),
            ArrowKind.FixedSizeList => (0, array.Length * array.Field.Type.Width),
            _ => Used(array).GetOffsetAndLength(int.MaxValue),
        };
        var values = array.Children[child];
        return start == 0 && length == values.Length ? values : values.Slice(start, length);
    }

    private static byte[] Append(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> then)
    {
        var bytes = new byte[checked(first.Length + then.Length)];
        first.CopyTo(bytes);
        then.CopyTo(bytes.AsMemory(first.Length));
        return bytes;
    }

    /// <summary>Offsets of both, from 0, those of the second behind what the first refers to.</summary>
    private static byte[] JoinOffsets(ArrowArray first, ArrowArray then, ArrowKind kind)
    {
        var width = ArrayChecks.HasWideOffsets(kind) ? sizeof(long) : sizeof(int);
        var bytes = new byte[width * (first.Length + then.Length + 1)];
        var at = Append(first, bytes, width, 0, 0);
        Append(then, bytes, width, at, first.Length);
        return bytes;
    }

    /// <summary>Offsets from 0.</summary>
    internal static ReadOnlyMemory<byte> FromZero(ArrowArray array, ArrowKind kind)
    {
        var width = ArrayChecks.HasWideOffsets(kind) ? sizeof(long) : sizeof(int);
        var bytes = width * (array.Length + 1);
        if (array.Length > 0 && array.Range(0).Start == 0) { return array.Offsets[..bytes]; }
        var offsets = new byte[bytes];
        Append(array, offsets, width, 0, 0);
        return offsets;
    }

    private static long Append(ArrowArray array, byte[] bytes, int width, long at, int index)
    {
        for (var i = 0; i < array.Length; i++)
        {
            var (start, end) = array.Range(i);
            at += end - start;
            var offset = bytes.AsSpan(width * (index + i + 1));
            if (width == sizeof(long)) { BinaryPrimitives.WriteInt64LittleEndian(offset, at); }
            else if (at <= int.MaxValue) { BinaryPrimitives.WriteInt32LittleEndian(offset, (int)at); }
            else { throw new ArrowFormatException($"column '{array.Field.Name}': expected at most 2 GiB of entries, got more"); }
        }

        return at;
    }

    private static ReadOnlyMemory<byte> Present(ArrowArray array)
    {
        if (!array.Validity.IsEmpty) { return array.Validity; }
        var bits = new byte[Bits.Bytes(array.Length)];
        bits.AsSpan().Fill(0xFF);
        return bits;
    }

    private static byte[] JoinBits(ReadOnlyMemory<byte> first, int firstBits, ReadOnlyMemory<byte> then, int thenBits)
    {
        var bits = new byte[Bits.Bytes(firstBits + thenBits)];
        Bits.Append(first.Span, firstBits, bits, 0);
        Bits.Append(then.Span, thenBits, bits, firstBits);
        return bits;
    }
}
