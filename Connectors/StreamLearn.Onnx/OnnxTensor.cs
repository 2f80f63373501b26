using System.Buffers.Binary;

namespace StreamLearn.Onnx;

/// <summary>A constant whose values are converted when they are read.</summary>
internal sealed record OnnxTensor(string Name, int Type, long[] Shape)
{
    internal const int Float = 1, UInt8 = 2, Int8 = 3, Int32 = 6, Double = 11;

    private const int Int64 = 7, Bool = 9, Half = 10, BFloat16 = 16;
    private const int MaxIntegers = 64;

    internal ReadOnlyMemory<byte> Raw { get; init; }

    internal IReadOnlyList<float> Singles { get; init; } = [];

    /// <summary>The integers; also contains the bits of 16-bit numbers.</summary>
    internal IReadOnlyList<long> Integers { get; init; } = [];

    /// <summary>True if the values are in column-major order.</summary>
    internal bool IsTransposed { get; init; }

    internal long Count
    {
        get
        {
            Int128 count = 1;
            foreach (var size in Shape)
            {
                if (size < 0 || (count *= size) > Array.MaxLength) { throw Refused($"expected a shape of values, got {this}"); }
            }

            return (long)count;
        }
    }

    internal float[] ToSingles()
    {
        var (size, count) = (Type switch { Float => 4, Double => 8, Half or BFloat16 => 2, _ => 0 }, Count);
        if (size == 0) { throw Refused($"expected float32, float64, float16 or bfloat16 values, got type {Type}"); }
        if (Raw.IsEmpty && count > 0 && Singles.Count == count && Type == Float) { return Finite([.. Singles]); }
        if (Raw.Length != count * size || Singles.Count + Integers.Count > 0)
        {
            throw Refused($"expected {count * size} bytes of values, got {Raw.Length}");
        }

        var values = new float[count];
        var raw = Raw.Span;
        for (var i = 0; i < values.Length; i++)
        {
            var at = raw.Slice(i * size, size);
            values[i] = Type switch
            {
                Float => BinaryPrimitives.ReadSingleLittleEndian(at),
                Double => (float)BinaryPrimitives.ReadDoubleLittleEndian(at),
                Half => (float)BinaryPrimitives.ReadHalfLittleEndian(at),
                _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
            };
        }

        return Finite(values);
    }

    internal long[] ToIntegers()
    {
        var (size, count) = (Type switch { Int32 => 4, Int64 => 8, Bool => 1, _ => 0 }, Count);
        if (size == 0 || count > MaxIntegers) { throw Refused($"expected at most {MaxIntegers} whole numbers, got {this}"); }
        if (Raw.IsEmpty && Integers.Count == count) { return [.. Integers]; }
        if (Raw.Length != count * size) { throw Refused($"expected {count * size} bytes of values, got {Raw.Length}"); }
        var raw = Raw.ToArray();
        return size switch
        {
            1 => [.. raw.Select(static b => (long)b)],
            4 => [.. Enumerable.Range(0, (int)count).Select(i => (long)BinaryPrimitives.ReadInt32LittleEndian(raw.AsSpan(4 * i)))],
            _ => [.. Enumerable.Range(0, (int)count).Select(i => BinaryPrimitives.ReadInt64LittleEndian(raw.AsSpan(8 * i)))],
        };
    }

    internal float ToSingle() => Count == 1 ? ToSingles()[0] : throw Refused($"expected one value, got {this}");

    internal float[] PerChannel(int[] sizes)
    {
        var at = Shape.Length - sizes.Length;           // the axis of the channels, counted from the end
        var isOne = Shape.All(static s => s == 1);
        if (Shape.Length > sizes.Length + 1
            || (!isOne && (at < 0 || Shape[at] != sizes[0] || Shape.Where((s, i) => i != at && s != 1).Any())))
        {
            throw new ArgumentException($"expected a bias of {sizes[0]} channels, got {this}");
        }

        var values = ToSingles();
        return isOne ? [.. Enumerable.Repeat(values[0], sizes[0])] : values;
    }

    internal static OnnxTensor Of(string name, params long[] integers) => new(name, Int64, [integers.Length]) { Integers = integers };

    internal static OnnxTensor Of(string name, int[] shape, ReadOnlySpan<float> values)
    {
        var raw = new byte[checked(sizeof(float) * values.Length)];
        for (var i = 0; i < values.Length; i++) { BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(sizeof(float) * i), values[i]); }
        return new(name, Float, [.. shape.Select(static s => (long)s)]) { Raw = raw };
    }

    internal static OnnxTensor OfRaw(string name, long[] integers)
    {
        var raw = new byte[sizeof(long) * integers.Length];
        for (var i = 0; i < integers.Length; i++) { BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(sizeof(long) * i), integers[i]); }
        return new(name, Int64, [integers.Length]) { Raw = raw };
    }

    internal static OnnxTensor OfRaw(string name, int[] shape, ReadOnlySpan<double> values)
    {
        var raw = new byte[sizeof(double) * values.Length];
        for (var i = 0; i < values.Length; i++) { BinaryPrimitives.WriteDoubleLittleEndian(raw.AsSpan(sizeof(double) * i), values[i]); }
        return new(name, Double, [.. shape.Select(static s => (long)s)]) { Raw = raw };
    }

    public override string ToString() => $"'{Name}' [{string.Join(", ", Shape)}] of type {Type}";

    /// <summary>Returns the values in row-major order; throws unless all are finite.</summary>
    private float[] Finite(float[] values)
    {
        if (Array.FindIndex(values, static v => !float.IsFinite(v)) is >= 0 and var at)
        {
            throw Refused($"expected finite values, got {values[at]}");
        }

        if (!IsTransposed) { return values; }
        var turned = new float[values.Length];
        DenseNodes.Transpose(values, (int)Shape[1], (int)Shape[0], turned);
        return turned;
    }

    private ModelFormatException Refused(string why) => new($"tensor '{Name}': {why}");
}
