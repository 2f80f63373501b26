using System.Buffers.Binary;
using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>A constant of an ONNX file: its shape, and values that are converted when they are asked for.</summary>
internal sealed record OnnxTensor(string Name, int Type, long[] Shape)
{
    internal const int Float = 1, UInt8 = 2, Int8 = 3, Int32 = 6, Double = 11;

    private const int Int64 = 7, Bool = 9, Half = 10, BFloat16 = 16;
    private const int MaxIntegers = 64;

    /// <summary>Values as they lie in the file.</summary>
    internal ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Values that are written one by one.</summary>
    internal IReadOnlyList<float> Singles { get; init; } = [];

    /// <summary>Whole numbers that are written one by one, and the bits of short numbers.</summary>
    internal IReadOnlyList<long> Integers { get; init; } = [];

    /// <summary>True if the values lie column after column of the shape.</summary>
    internal bool IsTransposed { get; init; }

    /// <summary>How many values the shape says.</summary>
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

    /// <summary>All values as float32.</summary>
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

    /// <summary>All values as whole numbers: shapes, axes, flags. There are few.</summary>
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

    /// <summary>The only value.</summary>
    internal float ToSingle() => Count == 1 ? ToSingles()[0] : throw Refused($"expected one value, got {this}");

    /// <summary>A value for each channel of rows of some sizes: it is the same for all, or stands where the channels do.</summary>
    internal float[] PerChannel(int[] sizes)
    {
        var at = Shape.Length - sizes.Length;           // where the channels stand, counted from the end
        var isOne = Shape.All(static s => s == 1);
        if (Shape.Length > sizes.Length + 1
            || (!isOne && (at < 0 || Shape[at] != sizes[0] || Shape.Where((s, i) => i != at && s != 1).Any())))
        {
            throw new ArgumentException($"expected a bias of {sizes[0]} channels, got {this}");
        }

        var values = ToSingles();
        return isOne ? [.. Enumerable.Repeat(values[0], sizes[0])] : values;
    }

    /// <summary>Whole numbers in order.</summary>
    internal static OnnxTensor Of(string name, params long[] integers) => new(name, Int64, [integers.Length]) { Integers = integers };

    /// <summary>Values of a shape as they lie in a file.</summary>
    internal static OnnxTensor Of(string name, int[] shape, ReadOnlySpan<float> values)
    {
        var raw = new byte[checked(sizeof(float) * values.Length)];
        for (var i = 0; i < values.Length; i++) { BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(sizeof(float) * i), values[i]); }
        return new(name, Float, [.. shape.Select(static s => (long)s)]) { Raw = raw };
    }

    /// <summary>Whole numbers in order, as they lie in a file.</summary>
    internal static OnnxTensor OfRaw(string name, long[] integers)
    {
        var raw = new byte[sizeof(long) * integers.Length];
        for (var i = 0; i < integers.Length; i++) { BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(sizeof(long) * i), integers[i]); }
        return new(name, Int64, [integers.Length]) { Raw = raw };
    }

    /// <summary>float64 values of a shape as they lie in a file.</summary>
    internal static OnnxTensor OfRaw(string name, int[] shape, ReadOnlySpan<double> values)
    {
        var raw = new byte[sizeof(double) * values.Length];
        for (var i = 0; i < values.Length; i++) { BinaryPrimitives.WriteDoubleLittleEndian(raw.AsSpan(sizeof(double) * i), values[i]); }
        return new(name, Double, [.. shape.Select(static s => (long)s)]) { Raw = raw };
    }

    public override string ToString() => $"'{Name}' [{string.Join(", ", Shape)}] of type {Type}";

    /// <summary>The values in the order of the shape, if they are finite.</summary>
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
