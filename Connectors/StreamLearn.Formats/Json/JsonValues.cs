using System.Text.Json;

namespace StreamLearn.Formats;

internal static class JsonValues
{
    private const int MaxEscapedBytes = 256;        // for a time: about 40 characters of 6 bytes each

    internal static RefusalReason Write(in Utf8JsonReader reader, PlanColumn column, bool nonFiniteIsMissing, Column target, int row)
    {
        var reason = reader.TokenType switch
        {
            JsonTokenType.Null => RefusalReason.MissingValue,
            JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False when column.IsClass =>
                Class(reader, column, target, row),
            JsonTokenType.String when column.TakesTexts => NumberInText(reader, column, target, row),
            JsonTokenType.String when column.Unit is not null => Text(reader, column, target, row),
            JsonTokenType.String when IsNonFinite(reader, column) => RefusalReason.NotFinite,
            JsonTokenType.Number when column.Unit == TimeUnit.Iso8601 => RefusalReason.BadTime,
            JsonTokenType.Number => Number(reader.ValueSpan, column, target, row),
            JsonTokenType.True when column.Unit is null => Truth(1, target, row),
            JsonTokenType.False when column.Unit is null => Truth(0, target, row),
            _ => RefusalReason.WrongType,
        };
        var missing = reason == RefusalReason.MissingValue || (reason == RefusalReason.NotFinite && nonFiniteIsMissing);
        if (!missing || !column.Field.Nullable) { return reason; }
        Clear(target, row);
        target.SetValid(row, false);
        return RefusalReason.None;
    }

    internal static void Clear(Column target, int row)
    {
        switch (target.Field.Type)
        {
            case ColumnType.Float32: target.Writable<float>()[row] = 0; break;
            case ColumnType.Float64: target.Writable<double>()[row] = 0; break;
            case ColumnType.Int32: target.Writable<int>()[row] = 0; break;
            default: target.Writable<long>()[row] = 0; break;
        }
    }

    /// <summary>Reads a time in a string; some writers escape the sign of the zone, <c>\u002B01:00</c>.</summary>
    private static RefusalReason Text(in Utf8JsonReader reader, PlanColumn column, Column target, int row)
    {
        ref var time = ref target.Writable<long>()[row];
        var isTime = column.Unit == TimeUnit.Iso8601
            && (reader.ValueIsEscaped ? TryEscaped(reader, out time) : IsoTime.TryRead(reader.ValueSpan, out time));
        return isTime ? RefusalReason.None : RefusalReason.BadTime;
    }

    /// <summary>Strings, numbers and booleans count as written.</summary>
    private static RefusalReason Class(in Utf8JsonReader reader, PlanColumn column, Column target, int row)
    {
        for (var place = 0; place < column.Classes.Length; place++)
        {
            var isIt = reader.TokenType == JsonTokenType.String
                ? reader.ValueTextEquals(column.Classes[place]) : reader.ValueSpan.SequenceEqual(column.Classes[place]);
            if (!isIt) { continue; }
            target.Writable<int>()[row] = place;
            return RefusalReason.None;
        }

        return RefusalReason.UnknownClass;
    }

    private static bool TryEscaped(in Utf8JsonReader reader, out long time)
    {
        time = 0;
        if (reader.ValueSpan.Length > MaxEscapedBytes) { return false; }
        Span<byte> plain = stackalloc byte[MaxEscapedBytes];
        return IsoTime.TryRead(plain[..reader.CopyString(plain)], out time);
    }

    private static bool IsNonFinite(in Utf8JsonReader reader, PlanColumn column) =>
        column.Field.Type is ColumnType.Float32 or ColumnType.Float64
        && (reader.ValueTextEquals("NaN"u8) || reader.ValueTextEquals("Infinity"u8) || reader.ValueTextEquals("-Infinity"u8));

    private static RefusalReason Truth(int value, Column target, int row)
    {
        switch (target.Field.Type)
        {
            case ColumnType.Int32: target.Writable<int>()[row] = value; break;
            case ColumnType.Int64: target.Writable<long>()[row] = value; break;
            default: return RefusalReason.WrongType;
        }

        return RefusalReason.None;
    }

    private static RefusalReason NumberInText(in Utf8JsonReader reader, PlanColumn column, Column target, int row)
    {
        if (reader.ValueIsEscaped) { return RefusalReason.WrongType; }
        var text = reader.ValueSpan;
        var fault = column.Unit is not null ? FileNumbers.Read<long, TimeNumbers>(text, column.Power, out target.Writable<long>()[row])
            : target.Field.Type switch
            {
                ColumnType.Float32 => FileNumbers.Read<float, FloatNumbers>(text, 0, out target.Writable<float>()[row]),
                ColumnType.Float64 => FileNumbers.Read<double, DoubleNumbers>(text, 0, out target.Writable<double>()[row]),
                ColumnType.Int32 => FileNumbers.Read<int, Int32Numbers>(text, 0, out target.Writable<int>()[row]),
                _ => FileNumbers.Read<long, Int64Numbers>(text, 0, out target.Writable<long>()[row]),
            };
        return fault switch
        {
            FileFault.None => RefusalReason.None,
            _ when column.Unit is not null => RefusalReason.BadTime,
            FileFault.NotFinite => RefusalReason.NotFinite,
            _ => IsNonFinite(reader, column) ? RefusalReason.NotFinite : RefusalReason.WrongType,
        };
    }

    private static RefusalReason Number(ReadOnlySpan<byte> text, PlanColumn column, Column target, int row)
    {
        var position = 0;
        if (!DecimalNumber.TryRead(text, ref position, out var number)) { return RefusalReason.BadJson; }
        if (column.Unit is not null)
        {
            var fits = TimeNumbers.TryMake(number, text, column.Power, out target.Writable<long>()[row]);
            return fits ? RefusalReason.None : RefusalReason.BadTime;
        }

        var made = target.Field.Type switch
        {
            ColumnType.Float32 => FloatNumbers.TryMake(number, text, 0, out target.Writable<float>()[row]),
            ColumnType.Float64 => DoubleNumbers.TryMake(number, text, 0, out target.Writable<double>()[row]),
            ColumnType.Int32 => Int32Numbers.TryMake(number, text, 0, out target.Writable<int>()[row]),
            _ => Int64Numbers.TryMake(number, text, 0, out target.Writable<long>()[row]),
        };
        if (made) { return RefusalReason.None; }
        var whole = target.Field.Type is ColumnType.Int32 or ColumnType.Int64 && !number.Whole;
        return whole ? RefusalReason.WrongType : RefusalReason.NotFinite;
    }
}
