using System.Text;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;
using ArrowField = Apache.Arrow.Field;
using TimeUnit = Apache.Arrow.Types.TimeUnit;

namespace StreamLearn.Tables;

internal static class ArrowCells
{
    internal static bool IsTexts(ArrowField field) => ValuesOf(field).TypeId is ArrowTypeId.String or ArrowTypeId.LargeString;

    internal static IArrowType ValuesOf(ArrowField field) => field.DataType is DictionaryType encoded ? encoded.ValueType : field.DataType;

    internal static bool IsNumber(IArrowType type) => IsFloat(type) || type.TypeId is ArrowTypeId.Int8 or ArrowTypeId.Int16
        or ArrowTypeId.Int32 or ArrowTypeId.Int64 or ArrowTypeId.UInt8 or ArrowTypeId.UInt16 or ArrowTypeId.UInt32 or ArrowTypeId.UInt64;

    internal static bool IsFloat(IArrowType type) => type.TypeId is ArrowTypeId.HalfFloat or ArrowTypeId.Float or ArrowTypeId.Double;

    internal static TimeUnit UnitOf(IArrowType type) => type is TimeBasedType based ? based.Unit : TimeUnit.Second;

    internal static string SymbolOf(TimeUnit unit) => unit switch
    {
        TimeUnit.Second => "s",
        TimeUnit.Millisecond => "ms",
        TimeUnit.Microsecond => "us",
        _ => "ns",
    };

    internal static long Integer(IArrowArray array, int row) => array switch
    {
        Int32Array values => values.Values[row],
        Int64Array values => values.Values[row],
        TimestampArray values => values.Values[row],
        Int16Array values => values.Values[row],
        Int8Array values => values.Values[row],
        UInt8Array values => values.Values[row],
        UInt16Array values => values.Values[row],
        UInt32Array values => values.Values[row],
        UInt64Array values => checked((long)values.Values[row]),
        DurationArray values => values.Values[row],
        Time32Array values => values.Values[row],
        Time64Array values => values.Values[row],
        Date32Array values => values.Values[row],
        Date64Array values => values.Values[row],
        DictionaryArray places => Integer(places.Indices, row),
        _ => throw new ArgumentException($"expected integers, got {array.Data.DataType.Name}", nameof(array)),
    };

    internal static double Number(IArrowArray array, int row) => array switch
    {
        FloatArray values => values.Values[row],
        DoubleArray values => values.Values[row],
        HalfFloatArray values => (double)values.Values[row],
        UInt64Array values => values.Values[row],
        _ => Integer(array, row),
    };

    internal static ReadOnlySpan<byte> Bytes(IArrowArray array, int row) => array switch
    {
        BinaryArray values => values.GetBytes(row),
        LargeBinaryArray values => values.GetBytes(row),
        FixedSizeBinaryArray values => values.GetBytes(row),
        _ => throw new ArgumentException($"expected strings, got {array.Data.DataType.Name}", nameof(array)),
    };

    internal static string? Text(IArrowArray array, int row)
    {
        if (!array.IsValid(row)) { return null; }
        return array switch
        {
            DictionaryArray places => Text(places.Dictionary, (int)Integer(places, row)),
            BinaryArray or LargeBinaryArray => Bytes(array, row) is { IsEmpty: false } bytes ? Encoding.UTF8.GetString(bytes) : null,
            BooleanArray flags => flags.GetValue(row) == true ? "true" : "false",
            UInt64Array values => values.Values[row].ToString(CultureInfo.InvariantCulture),
            _ when IsFloat(array.Data.DataType) => Number(array, row).ToString("R", CultureInfo.InvariantCulture),
            _ => Integer(array, row).ToString(CultureInfo.InvariantCulture),
        };
    }
}
