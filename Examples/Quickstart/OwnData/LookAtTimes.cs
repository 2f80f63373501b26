using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Files;
using StreamLearn.Formats;

namespace Quickstart;

/// <summary>Finds out which column of somebody's files is a time, in what unit, and how many rows come a second.</summary>
internal static class LookAtTimes
{
    private static readonly string[] TimeNames = ["time", "timestamp", "ts", "t", "date", "datetime", "epoch", "seconds", "sec", "millis",
        "ms", "time_s", "time_ms", "time_us", "time_ns", "timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns"];

    /// <summary>True if a column is named like a time.</summary>
    internal static bool IsNamedSo(FileColumn column) => TimeNames.Contains(Stem(column.Field.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>The column that is a time: a text of ISO 8601, or a number of such a name that rises; null: none is.</summary>
    internal static FileColumn? TimeOf(IOwnFiles files, List<string> reasons)
    {
        var times = files.Columns.Where(static c => c.Value == FileValue.Time).ToList();
        if (times.Find(static c => TimeNames.Contains(Stem(c.Source), StringComparer.OrdinalIgnoreCase)) is { } named) { times = [named]; }
        if (times is [var first, ..])
        {
            reasons.Add($"time      '{first.Source}': {files.TimeText(first)}");
            return first;
        }

        foreach (var column in files.Columns.Where(c => c.Value == FileValue.Number && !c.Field.Nullable && IsNamedSo(c)))
        {
            var steps = StepsOf(files, column);
            if (steps.Count == 0) { continue; }
            var unit = UnitOf(column, steps);
            reasons.Add($"time      '{column.Source}': a number that rises, in {unit.ToString().ToLowerInvariant()}");
            return FileColumn.Time(column.Source, unit);
        }

        return null;
    }

    /// <summary>The steps of a column from row to row where it rises; none if it mostly does not.</summary>
    private static List<double> StepsOf(IOwnFiles files, FileColumn column)
    {
        var values = new List<double>();
        var number = FileColumn.Number("v", ColumnType.Float64, column.Field.Unit) with { Source = column.Source };
        OwnReader.Read(files, new([number]) { IsFirstOnly = true },
            batch => values.AddRange(batch.Columns[0].Values<double>()), most: 2000);
        var steps = values.Zip(values.Skip(1), static (a, b) => b - a).Where(static s => s >= 0).ToList();
        return steps.Count * 2 >= values.Count ? steps.FindAll(static s => s > 0) : [];
    }

    /// <summary>The unit of a column of times: what its name says, else what its steps or size do.</summary>
    private static TimeUnit UnitOf(FileColumn column, List<double> steps)
    {
        var (name, symbol) = (Stem(column.Field.Name).ToLowerInvariant(), column.Field.Unit.Symbol);
        if (column.Field.Name.EndsWith(')')) { symbol = column.Field.Name[(column.Field.Name.LastIndexOf('(') + 1)..^1]; }
        if (symbol is "ms" || name.EndsWith("ms", StringComparison.Ordinal) || name == "millis") { return TimeUnit.Milliseconds; }
        if (symbol is "us" or "µs" || name.EndsWith("_us", StringComparison.Ordinal)) { return TimeUnit.Microseconds; }
        if (symbol is "ns" || name.EndsWith("_ns", StringComparison.Ordinal)) { return TimeUnit.Nanoseconds; }
        if (symbol is "s" || name is "seconds" or "sec" || name.EndsWith("_s", StringComparison.Ordinal)) { return TimeUnit.Seconds; }
        var step = Median(steps);
        return step >= 1e5 ? TimeUnit.Nanoseconds : step >= 2000 ? TimeUnit.Microseconds : step >= 2 ? TimeUnit.Milliseconds
            : TimeUnit.Seconds;
    }

    /// <summary>Rows a second: one over the median step of a time in a file, device by device.</summary>
    /// <param name="files">The files, of which the first is read.</param>
    /// <param name="time">The time.</param>
    /// <param name="device">The column that says whose row it is; null: all are one's.</param>
    /// <param name="devices">The texts in that column.</param>
    internal static double? RateOf(IOwnFiles files, FileColumn time, string? device, ImmutableArray<string> devices)
    {
        var last = new Dictionary<int, long>();
        var steps = new List<double>();
        List<FileColumn> columns = [time];
        if (device is not null) { columns.Add(FileColumn.Class("device", devices) with { Source = device }); }
        OwnReader.Read(files, new(columns) { IsFirstOnly = true }, batch =>
        {
            var times = batch.Columns[0].Values<long>();
            for (var row = 0; row < times.Length; row++)
            {
                var whose = batch.Columns.Count > 1 ? batch.Columns[1].Values<int>()[row] : 0;
                if (last.TryGetValue(whose, out var before) && times[row] > before) { steps.Add(times[row] - before); }
                last[whose] = times[row];
            }
        }, most: 20_000);
        return steps.Count == 0 ? null : 1e9 / Median(steps);
    }

    /// <summary>A name without what stands in parentheses after it.</summary>
    private static string Stem(string name) => name.IndexOf('(') is > 0 and var open ? name[..open].TrimEnd(' ', '_') : name;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
