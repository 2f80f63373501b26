using System.Buffers.Binary;
using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>A constant of an ONNX file: its shape, and values that are converted when they are asked for.</summary>
internal sealed record OnnxTensor(string Name, int Type, long[] Shape)
{
    private const int Float = 1, Int32 = 6, Int64 = 7, Bool = 9, Half = 10, Double = 11, BFloat16 = 16;
    private const int MaxIntegers = 64;

    /// <summary>Values as they lie in the file.</summary>
    internal ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Values that are written one by one.</summary>
    internal IReadOnlyList<float> Singles { get; init; } = [];

    /// <summary>Whole numbers that are written one by one, and the bits of short numbers.</summary>
    internal IReadOnlyList<long> Integers { get; init; } = [];

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

    /// <summary>Whole numbers in order.</summary>
    internal static OnnxTensor Of(string name, params long[] integers) => new(name, Int64, [integers.Length]) { Integers = integers };

    /// <inheritdoc />
    public override string ToString() => $"'{Name}' [{string.Join(", ", Shape)}] of type {Type}";

    private float[] Finite(float[] values) => Array.FindIndex(values, static v => !float.IsFinite(v)) is >= 0 and var at
        ? throw Refused($"expected finite values, got {values[at]}")
        : values;

    private ModelFormatException Refused(string why) => new($"tensor '{Name}': {why}");
}
