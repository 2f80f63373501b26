using System.Runtime.InteropServices;

namespace StreamLearn.Arrow;

/// <summary>The values of a column: a validated view of memory in Arrow layout.</summary>
/// <remarks>Views of a reader are valid until its next read; bytes may be unaligned. Source: Apache Arrow, columnar format 1.5.</remarks>
internal sealed class ArrowArray
{
    private ReadOnlyMemory<byte> _validity;
    private ReadOnlyMemory<byte> _offsets;
    private ReadOnlyMemory<byte> _data;

    internal ArrowArray(ArrowField field, ImmutableArray<ArrowArray> children) => (Field, Children) = (field, children);

    internal ArrowField Field { get; }

    internal int Length { get; private set; }

    internal int NullCount { get; private set; }

    /// <summary>One bit per value, least significant first, 1 = present; empty if none is missing.</summary>
    internal ReadOnlyMemory<byte> Validity => _validity;

    /// <summary>Start of each string, binary or list, and the end of the last; empty for other kinds.</summary>
    internal ReadOnlyMemory<byte> Offsets => _offsets;

    /// <summary>Values or dictionary indices; bytes of strings or binaries; empty for lists and structs.</summary>
    internal ReadOnlyMemory<byte> Data => _data;

    internal ImmutableArray<ArrowArray> Children { get; }

    /// <summary>Entries for the indices in <see cref="Data"/>; null: none.</summary>
    internal ArrowArray? Dictionary { get; private set; }

    internal ArrowKind Stored => Field.Stored;

    /// <summary>The largest index plus one; set by the check.</summary>
    internal int EntriesNeeded { get; set; }

    internal bool IsValid(int index)
    {
        ThrowIfOutside(index);
        return Field.Type.Kind != ArrowKind.Null && (_validity.IsEmpty || Bits.At(_validity.Span, index));
    }

    internal ReadOnlySpan<T> Values<T>()
        where T : unmanaged
    {
        var width = ArrowType.BytesOf(Stored, Field.Type.Width);
        if (width == 0 || width != System.Runtime.CompilerServices.Unsafe.SizeOf<T>())
        {
            throw new InvalidOperationException($"column '{Field.Name}' holds {Field.TypeText}, not {typeof(T).Name}");
        }

        return MemoryMarshal.Cast<byte, T>(_data.Span)[..Length];
    }

    internal bool Flag(int index)
    {
        ThrowIfOutside(index);
        return Stored == ArrowKind.Bool ? Bits.At(_data.Span, index) : throw Not("bool");
    }

    internal long Integer(int index)
    {
        ThrowIfOutside(index);
        var data = _data.Span;
        return Stored switch
        {
            ArrowKind.Int8 => (sbyte)data[index],
            ArrowKind.UInt8 => data[index],
            ArrowKind.Int16 => BinaryPrimitives.ReadInt16LittleEndian(data[(2 * index)..]),
            ArrowKind.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(data[(2 * index)..]),
            ArrowKind.Int32 or ArrowKind.Date32 or ArrowKind.Time32 => BinaryPrimitives.ReadInt32LittleEndian(data[(4 * index)..]),
            ArrowKind.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(data[(4 * index)..]),
            ArrowKind.UInt64 => checked((long)BinaryPrimitives.ReadUInt64LittleEndian(data[(8 * index)..])),
            ArrowKind.Int64 or ArrowKind.Date64 or ArrowKind.Time64 or ArrowKind.Timestamp or ArrowKind.Duration =>
                BinaryPrimitives.ReadInt64LittleEndian(data[(8 * index)..]),
            _ => throw Not("integers"),
        };
    }

    internal double Number(int index)
    {
        ThrowIfOutside(index);
        var data = _data.Span;
        return Stored switch
        {
            ArrowKind.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(data[(2 * index)..]),
            ArrowKind.Float32 => BinaryPrimitives.ReadSingleLittleEndian(data[(4 * index)..]),
            ArrowKind.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(data[(8 * index)..]),
            _ => throw Not("floating-point numbers"),
        };
    }

    internal ReadOnlySpan<byte> Bytes(int index)
    {
        ThrowIfOutside(index);
        if (Stored == ArrowKind.FixedSizeBinary) { return _data.Span.Slice(index * Field.Type.Width, Field.Type.Width); }
        if (Stored is not (ArrowKind.Utf8 or ArrowKind.LargeUtf8 or ArrowKind.Binary or ArrowKind.LargeBinary)) { throw Not("bytes"); }
        var (start, end) = Range(index);
        return _data.Span[start..end];
    }

    internal (int Start, int End) Range(int index)
    {
        ThrowIfOutside(index);
        if (Stored == ArrowKind.FixedSizeList) { return (index * Field.Type.Width, (index + 1) * Field.Type.Width); }
        if (_offsets.IsEmpty) { throw Not("lists"); }
        var offsets = _offsets.Span;
        if (ArrayChecks.HasWideOffsets(Stored))
        {
            var wide = MemoryMarshal.Cast<byte, long>(offsets);
            return ((int)wide[index], (int)wide[index + 1]);
        }

        var narrow = MemoryMarshal.Cast<byte, int>(offsets);
        return (narrow[index], narrow[index + 1]);
    }

    internal ArrowArray Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - start);
        ImmutableArray<ArrowArray> children = Stored switch
        {
            ArrowKind.Struct => [.. Children.Select(c => c.Slice(start, length))],
            ArrowKind.FixedSizeList => [Children[0].Slice(start * Field.Type.Width, length * Field.Type.Width)],
            _ => Children,
        };
        var slice = new ArrowArray(Field, children);
        var validity = _validity.IsEmpty ? default : Bits.Slice(_validity, start, length);
        var missing = Stored == ArrowKind.Null ? length : validity.IsEmpty ? 0 : length - Bits.Count(validity.Span, length);
        var width = ArrowType.BytesOf(Stored, Field.Type.Width);
        var offsetBytes = ArrayChecks.HasWideOffsets(Stored) ? 8 : 4;
        slice.Set(length, missing, missing == 0 ? default : validity,
            _offsets.IsEmpty ? default : _offsets.Slice(start * offsetBytes, (length + 1) * offsetBytes),
            Stored == ArrowKind.Bool ? Bits.Slice(_data, start, length) : width > 0 ? _data.Slice(start * width, length * width) : _data,
            Dictionary);
        return slice;
    }

    internal void Set(int length, int nullCount, ReadOnlyMemory<byte> validity, ReadOnlyMemory<byte> offsets, ReadOnlyMemory<byte> data,
        ArrowArray? dictionary)
    {
        (Length, NullCount) = (length, nullCount);
        _validity = nullCount == 0 || Stored == ArrowKind.Null ? default : validity;
        (_offsets, _data) = (offsets, data);
        if (Dictionary != dictionary) { Dictionary = dictionary; }
    }

    internal void Forget()
    {
        (Length, NullCount) = (0, 0);
        foreach (var child in Children) { child.Forget(); }
    }

    internal void Refer(ArrowArray dictionary) => Dictionary = dictionary;

    private void ThrowIfOutside(int index)
    {
        if ((uint)index >= (uint)Length) { throw new ArgumentOutOfRangeException(nameof(index), index, $"expected 0 to {Length - 1}"); }
    }

    private InvalidOperationException Not(string what) => new($"column '{Field.Name}' holds {Field.TypeText}, not {what}");
}
