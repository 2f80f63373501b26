using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamLearn.Arrow;

namespace Tool;

/// <summary>Values of Arrow as JSON, and as texts of a cell.</summary>
internal static class ArrowValues
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly ConditionalWeakTable<ArrowField, string[]> NamesWithin = [];

    /// <summary>Names of columns as keys: of those that are there before, with a number.</summary>
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

    /// <summary>A row as an object.</summary>
    internal static void WriteRow(Utf8JsonWriter json, ArrowBatch batch, string[] keys, int row)
    {
        json.WriteStartObject();
        for (var c = 0; c < keys.Length; c++)
        {
            json.WritePropertyName(keys[c]);
            Write(json, batch.Columns[c], row);
        }

        json.WriteEndObject();
    }

    /// <summary>A value as JSON.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="array">The column.</param>
    /// <param name="index">Its place.</param>
    /// <param name="most">Of a list, so many values at most; of a text or binary so many bytes.</param>
    internal static void Write(Utf8JsonWriter json, ArrowArray array, int index, int most = int.MaxValue)
    {
        if (!array.IsValid(index)) { json.WriteNullValue(); }
        else if (array.Dictionary is { } entries) { Write(json, entries, (int)array.Integer(index), most); }
        else { WriteKnown(json, array, index, most); }
    }

    /// <summary>A value as text; null: it is missing.</summary>
    internal static string? Text(ArrowArray array, int index, int most = int.MaxValue)
    {
        if (!array.IsValid(index)) { return null; }
        if (array.Dictionary is { } entries) { return Text(entries, (int)array.Integer(index), most); }
        return array.Field.Type.Kind switch
        {
            ArrowKind.Utf8 or ArrowKind.LargeUtf8 => Encoding.UTF8.GetString(Start(array.Bytes(index), most)),
            ArrowKind.Bool => array.Flag(index) ? "true" : "false",
            ArrowKind.List or ArrowKind.LargeList or ArrowKind.FixedSizeList or ArrowKind.Struct => Json(array, index, most),
            _ => Scalar(array, index, most),
        };
    }

    /// <summary>True for columns that are read from the right.</summary>
    internal static bool IsNumber(ArrowField field) => field.Dictionary is null
        && field.Type.Kind is (>= ArrowKind.Int8 and <= ArrowKind.Float64) or ArrowKind.Duration;

    private static string Json(ArrowArray array, int index, int most)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Readable);
        Write(json, array, index, most);
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteKnown(Utf8JsonWriter json, ArrowArray array, int index, int most)
    {
        var kind = array.Field.Type.Kind;
        switch (kind)
        {
            case ArrowKind.Bool:
                json.WriteBooleanValue(array.Flag(index));
                break;
            case ArrowKind.Utf8 or ArrowKind.LargeUtf8 when array.Bytes(index).Length <= most:
                json.WriteStringValue(array.Bytes(index));
                break;
            case ArrowKind.Utf8 or ArrowKind.LargeUtf8:
                json.WriteStringValue(Text(array, index, most));
                break;
            case ArrowKind.Struct:
                var names = NamesWithin.GetValue(array.Field, static f => Keys(f.Children));
                json.WriteStartObject();
                for (var c = 0; c < names.Length; c++)
                {
                    json.WritePropertyName(names[c]);
                    Write(json, array.Children[c], index, most);
                }

                json.WriteEndObject();
                break;
            case ArrowKind.List or ArrowKind.LargeList or ArrowKind.FixedSizeList:
                var (start, end) = array.Range(index);
                json.WriteStartArray();
                for (var i = start; i < end && i - start < most; i++) { Write(json, array.Children[0], i, most); }
                json.WriteEndArray();
                break;
            case >= ArrowKind.Int8 and <= ArrowKind.UInt64:
            case ArrowKind.Float16 or ArrowKind.Float32 or ArrowKind.Float64 when double.IsFinite(array.Number(index)):
                json.WriteRawValue(Scalar(array, index, most), skipInputValidation: true);
                break;
            default:
                json.WriteStringValue(Scalar(array, index, most));
                break;
        }
    }

    private static string Scalar(ArrowArray array, int index, int most)
    {
        var type = array.Field.Type;
        return type.Kind switch
        {
            ArrowKind.Float16 => ((Half)array.Number(index)).ToString(CultureInfo.InvariantCulture),
            ArrowKind.Float32 => ((float)array.Number(index)).ToString(CultureInfo.InvariantCulture),
            ArrowKind.Float64 => array.Number(index).ToString(CultureInfo.InvariantCulture),
            ArrowKind.UInt64 => array.Values<ulong>()[index].ToString(CultureInfo.InvariantCulture),
            ArrowKind.Binary or ArrowKind.LargeBinary or ArrowKind.FixedSizeBinary =>
                Convert.ToHexStringLower(Start(array.Bytes(index), most)),
            ArrowKind.Timestamp => ArrowTimes.Timestamp(array.Integer(index), type),
            ArrowKind.Date32 or ArrowKind.Date64 => ArrowTimes.Date(array.Integer(index), type.Kind),
            ArrowKind.Time32 or ArrowKind.Time64 => ArrowTimes.TimeOfDay(array.Integer(index), type.Unit),
            ArrowKind.Duration => ArrowTimes.Count(array.Integer(index), type.Unit),
            _ => array.Integer(index).ToString(CultureInfo.InvariantCulture),
        };
    }

    private static ReadOnlySpan<byte> Start(ReadOnlySpan<byte> bytes, int most) => bytes[..Math.Min(bytes.Length, most)];
}
