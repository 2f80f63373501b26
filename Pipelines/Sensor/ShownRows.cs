using System.Globalization;

namespace Sensor;

internal sealed class ShownRows(int most, int devices, IReadOnlyList<string> classes, Action onFull)
{
    private static readonly TimeSpan LongestSinceZero = TimeSpan.FromDays(3650);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, List<string[]>> _rows = new(StringComparer.Ordinal);
    private string[] _head = [];

    internal int RowsOf(string device)
    {
        lock (_gate) { return _rows.GetValueOrDefault(device)?.Count ?? 0; }
    }

    internal void Add(string device, Batch batch)
    {
        lock (_gate)
        {
            if (_head.Length == 0) { _head = ["device", .. batch.Schema.Fields.Select(Name)]; }
            if (!_rows.TryGetValue(device, out var rows)) { _rows[device] = rows = []; }
            for (var row = 0; row < batch.Rows && rows.Count < most; row++)
            {
                rows.Add([device, .. batch.Schema.Fields.Select((_, c) => Text(batch.Columns[c], row))]);
            }

            if (_rows.Count < devices || _rows.Values.Any(r => r.Count < most)) { return; }
        }

        onFull();
    }

    internal void Write(TextWriter output)
    {
        List<string[]> lines = [_head, .. _rows.Values.SelectMany(static r => r)];
        var widths = _head.Select((_, c) => lines.Max(l => l[c].Length)).ToList();
        foreach (var line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((text, c) => c == 0 ? text.PadRight(widths[c]) : text.PadLeft(widths[c])))
                .TrimEnd());
        }
    }

    private static string Name(Field field) =>
        field.Unit == Unit.One || field.Name == Schema.TimeColumn ? field.Name : $"{field.Name} [{field.Unit}]";

    /// <summary>Shows seconds for clocks that start at zero.</summary>
    private static string TimeText(long nanoseconds) => Math.Abs(nanoseconds) < LongestSinceZero.Ticks * 100
        ? (nanoseconds / 1e9).ToString("0.000 s", CultureInfo.InvariantCulture)
        : DateTime.UnixEpoch.AddTicks(nanoseconds / 100).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private string Text(Column column, int row)
    {
        if (!column.IsValid(row)) { return "-"; }
        return column.Field switch
        {
            { Name: Schema.TimeColumn } => TimeText(column.Values<long>()[row]),
            { Name: Schema.LabelColumn } when column.Values<int>()[row] is >= 0 and var place && place < classes.Count => classes[place],
            { Type: ColumnType.Float32 } => column.Values<float>()[row].ToString("G6", CultureInfo.InvariantCulture),
            { Type: ColumnType.Int32 } => column.Values<int>()[row].ToString(CultureInfo.InvariantCulture),
            { Type: ColumnType.Int64 } => column.Values<long>()[row].ToString(CultureInfo.InvariantCulture),
            _ => column.Values<double>()[row].ToString("G6", CultureInfo.InvariantCulture),
        };
    }
}
