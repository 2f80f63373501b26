using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;
using StreamLearn.Tables;
using ArrowField = Apache.Arrow.Field;

namespace Tool;

internal static class ArrowValues
{
    private static readonly ConditionalWeakTable<IArrowType, string[]> NamesWithin = [];

    /// <summary>Numbers duplicate names.</summary>
    internal static string[] Keys(IEnumerable<ArrowField> fields)
    {
        var (keys, taken) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var field in fields)
        {
            var key = field.Name;
            for (var i = 2; !taken.Add(key); i++) { key = string.Create(CultureInfo.InvariantCulture, $"{field.Name}#{i}"); }
            keys.Add(key);
        }

        return [.. keys];
    }

    internal static void WriteRow(Utf8JsonWriter json, RecordBatch batch, string[] keys, int row)
    {
        json.WriteStartObject();
        for (var c = 0; c < keys.Length; c++)
        {
            json.WritePropertyName(keys[c]);
            Write(json, batch.Column(c), row);
        }

        json.WriteEndObject();
    }

    internal static void Write(Utf8JsonWriter json, IArrowArray array, int index, int most = int.MaxValue)
    {
        if (!array.IsValid(index))
        {
            json.WriteNullValue();
            return;
        }

        switch (array)
        {
            case DictionaryArray encoded:
                Write(json, encoded.Dictionary, (int)ArrowCells.Integer(encoded.Indices, index), most);
                break;
            case BooleanArray flags:
                json.WriteBooleanValue(flags.GetValue(index) == true);
                break;
            case StringArray or LargeStringArray when ArrowCells.Bytes(array, index) is var bytes && bytes.Length <= most:
                json.WriteStringValue(bytes);
                break;
            case StructArray rows:
                var names = NamesWithin.GetValue(array.Data.DataType, static t => Keys(((StructType)t).Fields));
                json.WriteStartObject();
                for (var c = 0; c < names.Length; c++)
                {
                    json.WritePropertyName(names[c]);
                    Write(json, rows.Fields[c], index, most);
                }

                json.WriteEndObject();
                break;
            case ListArray or LargeListArray or FixedSizeListArray:
                var (values, start, end) = Range(array, index);
                json.WriteStartArray();
                for (var i = start; i < end && i - start < most; i++) { Write(json, values, i, most); }
                json.WriteEndArray();
                break;
            case var _ when ArrowCells.IsFloat(array.Data.DataType) ? double.IsFinite(ArrowCells.Number(array, index))
                : ArrowCells.IsNumber(array.Data.DataType):
                json.WriteRawValue(Scalar(array, index, most), skipInputValidation: true);
                break;
            default:
                json.WriteStringValue(Text(array, index, most));
                break;
        }
    }

    internal static string? Text(IArrowArray array, int index, int most = int.MaxValue) => !array.IsValid(index) ? null : array switch
    {
        DictionaryArray encoded => Text(encoded.Dictionary, (int)ArrowCells.Integer(encoded.Indices, index), most),
        StringArray or LargeStringArray => Encoding.UTF8.GetString(Start(ArrowCells.Bytes(array, index), most)),
        BooleanArray flags => flags.GetValue(index) == true ? "true" : "false",
        ListArray or LargeListArray or FixedSizeListArray or StructArray => Json(array, index, most),
        _ => Scalar(array, index, most),
    };

    internal static bool IsNumber(ArrowField field) => ArrowCells.IsNumber(field.DataType) || field.DataType is DurationType;

    private static string Json(IArrowArray array, int index, int most)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Tapped.Readable);
        Write(json, array, index, most);
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static (IArrowArray Values, int Start, int End) Range(IArrowArray array, int index) => array switch
    {
        ListArray list => (list.Values, list.ValueOffsets[index], list.ValueOffsets[index + 1]),
        LargeListArray list => (list.Values, (int)list.ValueOffsets[index], (int)list.ValueOffsets[index + 1]),
        FixedSizeListArray list when list.Data.DataType is FixedSizeListType type =>
            (list.Values, index * type.ListSize, (index + 1) * type.ListSize),
        _ => throw new ArgumentException("expected lists", nameof(array)),
    };

    private static string Scalar(IArrowArray array, int index, int most)
    {
        var type = array.Data.DataType;
        return array switch
        {
            HalfFloatArray values => values.Values[index].ToString(CultureInfo.InvariantCulture),
            FloatArray values => values.Values[index].ToString(CultureInfo.InvariantCulture),
            DoubleArray values => values.Values[index].ToString(CultureInfo.InvariantCulture),
            UInt64Array values => values.Values[index].ToString(CultureInfo.InvariantCulture),
            BinaryArray or LargeBinaryArray or FixedSizeBinaryArray =>
                Convert.ToHexStringLower(Start(ArrowCells.Bytes(array, index), most)),
            TimestampArray values => ArrowTimes.Timestamp(values.Values[index], ArrowCells.UnitOf(type), ((TimestampType)type).Timezone),
            Date32Array or Date64Array => ArrowTimes.Date(ArrowCells.Integer(array, index), array is Date64Array),
            Time32Array or Time64Array => ArrowTimes.TimeOfDay(ArrowCells.Integer(array, index), ArrowCells.UnitOf(type)),
            DurationArray values => ArrowTimes.Count(values.Values[index], ArrowCells.UnitOf(type)),
            _ => ArrowCells.Integer(array, index).ToString(CultureInfo.InvariantCulture),
        };
    }

    private static ReadOnlySpan<byte> Start(ReadOnlySpan<byte> bytes, int most) => bytes[..Math.Min(bytes.Length, most)];
}
