using System.Runtime.CompilerServices;

namespace StreamLearn.Formats;

internal readonly record struct RowNumber(int Column, bool IsTime, ColumnType Type, int Power);

/// <summary>Scans <c>[[1,2],[3,4]]</c>; rows with other values are left to the JSON reader.</summary>
internal static class NumberRows
{
    internal const int MaxWidth = 64;

    internal static ScanEnd Scan(
        ReadOnlySpan<byte> json, ref int position, ReadOnlySpan<RowNumber> places, Span<ulong> values, int most, out int rows)
    {
        for (rows = 0; rows < most; rows++)
        {
            var at = position;
            if (!TryRow(json, ref at, places, values[(rows * places.Length)..])) { return ScanEnd.Other; }
            position = at;
            if (!NumberArrays.TryPassComma(json, ref position, out var closed))
            {
                rows++;
                return ScanEnd.Bad;
            }

            if (!closed) { continue; }
            rows++;
            return ScanEnd.Closed;
        }

        return ScanEnd.Full;
    }

    private static bool TryRow(ReadOnlySpan<byte> json, ref int at, ReadOnlySpan<RowNumber> places, Span<ulong> values)
    {
        if (at >= json.Length || json[at] != '[') { return false; }
        at++;
        for (var place = 0; ; place++)
        {
            NumberArrays.PassSpace(json, ref at);
            if (place >= places.Length)
            {
                if (!DecimalNumber.TryRead(json, ref at, out _)) { return false; }
            }
            else if (!TryNumber(json, ref at, places[place], ref values[place])) { return false; }

            if (at < json.Length && json[at] == ',')
            {
                at++;       // the most frequent case
                continue;
            }

            if (!NumberArrays.TryPassComma(json, ref at, out var closed)) { return false; }
            if (!closed) { continue; }
            at++;
            return place >= places.Length - 1;
        }
    }

    private static bool TryNumber(ReadOnlySpan<byte> json, ref int at, in RowNumber place, ref ulong bits) => place switch
    {
        { Column: < 0 } => DecimalNumber.TryRead(json, ref at, out _),
        { Type: ColumnType.Float32 } => NumberArrays.TryNumber<float, FloatNumbers>(json, ref at, 0, out Unsafe.As<ulong, float>(ref bits)),
        { IsTime: true } => NumberArrays.TryNumber<long, TimeNumbers>(json, ref at, place.Power, out Unsafe.As<ulong, long>(ref bits)),
        { Type: ColumnType.Float64 } =>
            NumberArrays.TryNumber<double, DoubleNumbers>(json, ref at, 0, out Unsafe.As<ulong, double>(ref bits)),
        { Type: ColumnType.Int32 } => NumberArrays.TryNumber<int, Int32Numbers>(json, ref at, 0, out Unsafe.As<ulong, int>(ref bits)),
        _ => NumberArrays.TryNumber<long, Int64Numbers>(json, ref at, 0, out Unsafe.As<ulong, long>(ref bits)),
    };
}
