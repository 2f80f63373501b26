using System.Collections.Immutable;
using StreamLearn.Formats;

namespace StreamLearn.Programs;

/// <summary>Finds out which column of somebody's files is a time, in what unit, and how many rows come a second.</summary>
internal static class LookAtTimes
{
    private const double Since2000 = 946_684_800;       // seconds since 1970
    private const double Until2100 = 4_102_444_800;

    private static readonly (TimeUnit Unit, double Second)[] Units =
        [(TimeUnit.Seconds, 1), (TimeUnit.Milliseconds, 1e3), (TimeUnit.Microseconds, 1e6), (TimeUnit.Nanoseconds, 1e9)];

    private static readonly string[] TimeNames = ["time", "timestamp", "ts", "t", "date", "datetime", "epoch", "seconds", "sec", "millis",
        "ms", "time_s", "time_ms", "time_us", "time_ns", "t_s", "t_ms", "t_us", "t_ns",
        "timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns"];

    /// <summary>What is said of a column that is named like a time and is none.</summary>
    internal const string NamedSo = "named like a time";

    private const string Word = "noted     ";

    /// <summary>True if a column is named like a time.</summary>
    internal static bool IsNamedSo(FileColumn column) => IsTimeName(column.Field.Name);

    /// <summary>True for the name of a time.</summary>
    internal static bool IsTimeName(string name) => TimeNames.Contains(Stem(name), StringComparer.OrdinalIgnoreCase);

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

        foreach (var column in files.Columns.Where(c => c.Value == FileValue.Number && IsNamedSo(c)))
        {
            var (last, steps) = StepsOf(files, column);
            if (steps.Count == 0) { continue; }
            var unit = UnitOf(column, last, steps);
            reasons.Add($"time      '{column.Source}': a number that rises, in {unit.ToString().ToLowerInvariant()}");
            return FileColumn.Time(column.Source, unit);
        }

        return null;
    }

    /// <summary>The last value of a column, and its steps from row to row where it rises; none if it mostly does not.</summary>
    private static (double Last, List<double> Steps) StepsOf(IOwnFiles files, FileColumn column)
    {
        var values = new List<double>();
        var number = FileColumn.Number("v", ColumnType.Float64, column.Field.Unit) with { Source = column.Source };
        OwnReader.Read(files, new([number]) { IsFirstOnly = true },
            batch => values.AddRange(batch.Columns[0].Values<double>()), most: 2000);
        var steps = values.Zip(values.Skip(1), static (a, b) => b - a).Where(static s => s >= 0).ToList();
        return values.Count > 0 && steps.Count * 2 >= values.Count ? (values[^1], steps.FindAll(static s => s > 0)) : (0, []);
    }

    /// <summary>The unit of a column of times: what its name says, else the unit in which it is a date of this century, else what its
    /// steps say.</summary>
    private static TimeUnit UnitOf(FileColumn column, double last, List<double> steps)
    {
        var (name, symbol) = (Stem(column.Field.Name).ToLowerInvariant(), column.Field.Unit.Symbol);
        if (column.Field.Name.EndsWith(')')) { symbol = column.Field.Name[(column.Field.Name.LastIndexOf('(') + 1)..^1]; }
        if (symbol is "ms" || name.EndsWith("ms", StringComparison.Ordinal) || name == "millis") { return TimeUnit.Milliseconds; }
        if (symbol is "us" or "µs" || name.EndsWith("_us", StringComparison.Ordinal)) { return TimeUnit.Microseconds; }
        if (symbol is "ns" || name.EndsWith("_ns", StringComparison.Ordinal)) { return TimeUnit.Nanoseconds; }
        if (symbol is "s" || name is "seconds" or "sec" || name.EndsWith("_s", StringComparison.Ordinal)) { return TimeUnit.Seconds; }
        foreach (var (unit, second) in Units)
        {
            if (last / second is >= Since2000 and < Until2100) { return unit; }
        }

        var step = Median(steps);
        return step >= 1e5 ? TimeUnit.Nanoseconds : step >= 2000 ? TimeUnit.Microseconds : step >= 2 ? TimeUnit.Milliseconds
            : TimeUnit.Seconds;
    }

    /// <summary>Chooses what says when rows come: the times, or a rate where the times are too coarse.</summary>
    /// <param name="time">The column of times.</param>
    /// <param name="seen">How they follow each other.</param>
    /// <param name="said">The rate that an option or a model says; null: none does.</param>
    /// <param name="mayDiffer">True: it may be neither that of the times nor that of the rows.</param>
    /// <exception cref="ProgramException">The rate that is said is neither that of the times nor that of the rows.</exception>
    internal static TimeChoice Choose(FileColumn time, TimesSeen seen, double? said, bool mayDiffer)
    {
        if (said is { } rate && !(mayDiffer && !seen.IsCoarse))
        {
            var isStep = IsNear(rate, seen.StepRate);
            if (seen.IsCoarse && !isStep && IsNear(rate, seen.RowRate)) { return Aside(time, seen, rate); }
            if (!isStep && !mayDiffer && seen.StepRate is not null)
            {
                throw new ProgramException(FormattableString.Invariant(
                    $"--rate: the times in column '{time.Source}' say {seen.StepRate:0.###} rows a second")
                    + (!seen.IsCoarse ? ""
                        : FormattableString.Invariant($", or {seen.RowRate:0.###} with the rows that repeat a time or have none"))
                    + FormattableString.Invariant($", not {rate:0.###}: {(seen.IsCoarse ? "say one of them" : "leave it out")}"),
                    ProgramExit.DataRefused);
            }
        }

        var lines = seen.Lines(time.Source).Select(static l => $"{Word}{l}");
        if (said is null && seen.IsCoarse)
        {
            return new(null, seen.RowRate, [], FormattableString.Invariant($"rows a second: {Coarse(time, seen)}; ")
                + FormattableString.Invariant($"--rate {seen.RowRate:0.###} takes all rows as evenly spaced, without that column; ")
                + FormattableString.Invariant($"--rate {seen.StepRate:0.###} leaves out those {seen.Repeated + seen.Missing:N0}; ")
                + "or, if devices have the same times, --device COLUMN tells their rows apart");
        }

        return seen.StepRate is not { } step
            ? new(time, null, [.. lines], $"rows a second: no time in column '{time.Source}' is later than the one before, "
                + "--rate says how many come, such as --rate 50")
            : new(time, step,
                [FormattableString.Invariant($"rate      {step:0.###} rows a second: the usual step of '{time.Source}'"), .. lines], null);
    }

    /// <summary>What becomes of rows without a good time, without the word before it.</summary>
    internal static IEnumerable<string> Noted(TimeChoice choice) =>
        choice.Reasons.Where(static r => r.StartsWith(Word, StringComparison.Ordinal)).Select(static r => r[Word.Length..]);

    /// <summary>Why a column that is named like a time is none.</summary>
    internal static string WhyNot(TimesSeen seen) => FormattableString.Invariant(
        $"but it does not rise: of {Printable.Rows(seen.Total)} {seen.Repeated:N0} repeat the row before, at {seen.Falls:N0} it falls, ")
        + FormattableString.Invariant($"{seen.Missing:N0} have none; ")
        + (seen.Falls > seen.Repeated ? "sort the rows by time, or name the column of their devices, --device COLUMN"
            : "--rate says how many rows come a second");

    private static TimeChoice Aside(FileColumn time, TimesSeen seen, double rate) => new(null, rate,
        [$"{Word}{Coarse(time, seen)}: it is not used, "
            + FormattableString.Invariant($"all rows are taken as evenly spaced, {rate:0.###} a second")],
        null);

    private static string Coarse(FileColumn time, TimesSeen seen) => $"in '{time.Source}', {seen.Of(seen.Repeated)} repeat the time of the "
        + FormattableString.Invariant($"row before{(seen.Missing > 0 ? $" and {seen.Missing:N0} have none" : "")}: its steps say ")
        + FormattableString.Invariant($"{seen.StepRate:0.###} a second, its rows {seen.RowRate:0.###}");

    private static bool IsNear(double rate, double? found) => found is { } other && Math.Abs(rate - other) <= 0.1 * other;

    /// <summary>A name without what stands in parentheses after it.</summary>
    private static string Stem(string name) => name.IndexOf('(') is > 0 and var open ? name[..open].TrimEnd(' ', '_') : name;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

/// <summary>What says when rows come.</summary>
/// <param name="Time">The column; null: rows are evenly spaced.</param>
/// <param name="Rate">Rows a second; null: unknown.</param>
/// <param name="Reasons">Why, and what becomes of rows without a good time: a line each.</param>
/// <param name="Missing">What an option must say first; null: nothing.</param>
internal sealed record TimeChoice(FileColumn? Time, double? Rate, ImmutableArray<string> Reasons, string? Missing);
