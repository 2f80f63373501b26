using System.Buffers.Binary;

namespace StreamLearn.Formats;

internal static class RawNumbers
{
    /// <summary><paramref name="stride"/>: number of bytes between numbers.</summary>
    internal static (int Row, RefusalReason Reason) Read(
        ReadOnlySpan<byte> bytes, int stride, RawFormatOptions options, RawColumn column, Column target) => options.Number switch
        {
            RawNumber.Float32 => Read<Float32>(bytes, stride, options.NonFiniteIsMissing, column, target),
            RawNumber.Float64 => Read<Float64>(bytes, stride, options.NonFiniteIsMissing, column, target),
            RawNumber.Int16 => Read<Int16>(bytes, stride, options.NonFiniteIsMissing, column, target),
            _ => Read<Int32>(bytes, stride, options.NonFiniteIsMissing, column, target),
        };

    internal static void Write(Column source, RawColumn column, RawNumber number, Span<byte> bytes, int stride)
    {
        for (var row = 0; row < source.Rows; row++)
        {
            var value = source.Field.Type switch
            {
                ColumnType.Float32 => source.Values<float>()[row],
                ColumnType.Float64 => source.Values<double>()[row],
                ColumnType.Int32 => source.Values<int>()[row],
                _ => source.Values<long>()[row],
            };
            value = source.IsValid(row) ? (value - column.Offset) / column.Scale : double.NaN;
            var target = bytes[(row * stride)..];
            switch (number)
            {
                case RawNumber.Float32: BinaryPrimitives.WriteSingleLittleEndian(target, (float)value); break;
                case RawNumber.Float64: BinaryPrimitives.WriteDoubleLittleEndian(target, value); break;
                case RawNumber.Int16: BinaryPrimitives.WriteInt16LittleEndian(target, short.CreateSaturating(Math.Round(value))); break;
                default: BinaryPrimitives.WriteInt32LittleEndian(target, int.CreateSaturating(Math.Round(value))); break;
            }
        }
    }

    private static (int Row, RefusalReason Reason) Read<TNumber>(
        ReadOnlySpan<byte> bytes, int stride, bool nonFiniteIsMissing, RawColumn column, Column target)
        where TNumber : struct, INumber => target.Field.Type switch
        {
            ColumnType.Float32 => Read<TNumber, float, ToFloat>(bytes, stride, nonFiniteIsMissing, column, target),
            ColumnType.Float64 => Read<TNumber, double, ToDouble>(bytes, stride, nonFiniteIsMissing, column, target),
            ColumnType.Int32 => Read<TNumber, int, ToInt32>(bytes, stride, nonFiniteIsMissing, column, target),
            _ => Read<TNumber, long, ToInt64>(bytes, stride, nonFiniteIsMissing, column, target),
        };

    private static (int Row, RefusalReason Reason) Read<TNumber, T, TTo>(
        ReadOnlySpan<byte> bytes, int stride, bool nonFiniteIsMissing, RawColumn column, Column target)
        where TNumber : struct, INumber
        where T : unmanaged
        where TTo : struct, ITo<T>
    {
        var (scale, offset) = (column.Scale, column.Offset);
        var values = target.Writable<T>();
        var plain = scale == 1 && offset == 0;      // keeps −0, because −0 + 0 is 0
        for (var row = 0; row < values.Length; row++)
        {
            var number = TNumber.Load(bytes[(row * stride)..]);
            if (TTo.TryMake(plain ? number : (number * scale) + offset, out values[row])) { continue; }
            if (!nonFiniteIsMissing || !target.Field.Nullable) { return (row, RefusalReason.NotFinite); }
            values[row] = default;
            target.SetValid(row, false);
        }

        return (-1, RefusalReason.None);
    }

    private interface INumber
    {
        static abstract double Load(ReadOnlySpan<byte> bytes);
    }

    private interface ITo<T>
    {
        static abstract bool TryMake(double number, out T value);
    }

    private readonly struct Float32 : INumber
    {
        public static double Load(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadSingleLittleEndian(bytes);
    }

    private readonly struct Float64 : INumber
    {
        public static double Load(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadDoubleLittleEndian(bytes);
    }

    private readonly struct Int16 : INumber
    {
        public static double Load(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt16LittleEndian(bytes);
    }

    private readonly struct Int32 : INumber
    {
        public static double Load(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    private readonly struct ToFloat : ITo<float>
    {
        public static bool TryMake(double number, out float value)
        {
            value = (float)number;
            return float.IsFinite(value);
        }
    }

    private readonly struct ToDouble : ITo<double>
    {
        public static bool TryMake(double number, out double value)
        {
            value = number;
            return double.IsFinite(value);
        }
    }

    private readonly struct ToInt32 : ITo<int>
    {
        public static bool TryMake(double number, out int value)
        {
            var whole = Math.Round(number);
            var fits = whole is >= int.MinValue and <= int.MaxValue;
            value = fits ? (int)whole : 0;
            return fits;
        }
    }

    private readonly struct ToInt64 : ITo<long>
    {
        public static bool TryMake(double number, out long value)
        {
            var whole = Math.Round(number);
            var fits = whole is >= -9223372036854775808.0 and < 9223372036854775808.0;
            value = fits ? (long)whole : 0;
            return fits;
        }
    }
}
