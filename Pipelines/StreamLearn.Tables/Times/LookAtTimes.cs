namespace StreamLearn.Tables;

internal static class LookAtTimes
{
    private const double Since2000 = 946_684_800;       // seconds since 1970
    private const double Until2100 = 4_102_444_800;

    private static readonly string[] TimeNames = ["time", "timestamp", "ts", "t", "date", "datetime", "epoch", "seconds", "sec", "millis",
        "ms", "time_s", "time_ms", "time_us", "time_ns", "t_s", "t_ms", "t_us", "t_ns",
        "timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns", "zeit", "zeitstempel", "uhrzeit", "datum", "temps", "horodatage",
        "fecha", "hora", "tiempo"];

    /// <summary>Reason for a column that is named like a time but is not one.</summary>
    internal const string NamedSo = "named like a time";

    /// <summary>An increasing number with such a word in its name is a time.</summary>
    private static readonly string[] TimeWords = ["time", "timestamp", "ts", "date", "datetime", "epoch", "utc", "clock", "uptime",
        "unixtime", "elapsed", "millis", "micros", "msec", "msecs", "usec", "nsec", "sec", "secs", "seconds", "milliseconds",
        "microseconds", "nanoseconds", "ms", "us", "ns", "tow", "zeit", "zeitstempel", "uhrzeit", "datum", "temps", "horodatage", "fecha",
        "hora", "tiempo"];

    private static readonly (string[] Words, TimeUnit Unit)[] UnitWords =
    [
        (["ms", "msec", "msecs", "millis", "milliseconds", "epochms"], TimeUnit.Milliseconds),
        (["us", "µs", "usec", "micros", "microseconds"], TimeUnit.Microseconds),
        (["ns", "nsec", "nanos", "nanoseconds"], TimeUnit.Nanoseconds),
        (["s", "sec", "secs", "seconds"], TimeUnit.Seconds),
    ];

    private const double MaxRate = 1e6;        // limit above which rows per second are implausible

    private const int LeastRows = 2000;         // minimum rows to inspect
    private const int MinOfDevice = 10;

    internal const string Word = "noted     ";

    internal const string ByRow = "or use --window row of streamlearn fit";

    internal static bool IsNamedSo(FileColumn column) => IsTimeName(column.Field.Name) && IsOfTime(column);

    /// <summary>A temperature is named T, a time t.</summary>
    internal static bool IsTimeName(string name) => Stem(name) != "T" && TimeNames.Contains(Stem(name), StringComparer.OrdinalIgnoreCase);

    private static bool IsOfTime(FileColumn column) => column.Field.Unit == Unit.One
        || UnitWord(column.Field.Unit.Symbol) is not null || TimeDoubts.IsLonger(column.Field.Unit.Symbol);

    /// <summary>Tries in order: the option; a date-time string; an increasing number with a time's name; a strictly increasing number with
    /// a time word or dates of this century. Returns null if there is none.</summary>
    internal static FileColumn? TimeOf(IOwnFiles files, TableOptions options, IReadOnlySet<string> rising, string? device,
        ImmutableArray<string> devices, List<string> reasons)
    {
        var columns = files.Columns.Where(c => !options.Leaves(c.Source) && !options.Channels.Contains(c.Source)).ToList();
        if (options.Time is { } asked)
        {
            FirstLook.Require("--time", asked, files.Columns);
            return Said(Steps, files.Columns.First(c => c.Source == asked), options.TimeFormat, reasons);
        }

        var times = columns.FindAll(static c => c.Value == FileValue.Time);
        if (times.Find(static c => TimeNames.Contains(Stem(c.Source), StringComparer.OrdinalIgnoreCase)) is { } named) { times = [named]; }
        if (times is [var first, ..])
        {
            reasons.Add($"time      '{first.Source}': {first.TimeFormat ?? files.TimeText(first)}");
            return first;
        }

        if (options.TimeFormat is not null && (columns.Find(static c => c.Value == FileValue.Class && IsTimeName(c.Source))
            ?? columns.Find(IsTimeText)) is { } text)
        {
            return Said(Steps, text, options.TimeFormat, reasons);
        }

        var risen = columns.FindAll(c => rising.Contains(c.Source) && IsOfTime(c));
        foreach (var column in columns.Where(c => c.Value == FileValue.Number && IsNamedSo(c))
            .Concat(risen.Where(static c => HasTimeWord(c.Source))).Concat(risen))
        {
            var (last, steps, rises) = Steps(column);
            var isNamed = IsNamedSo(column) || HasTimeWord(column.Source) || column.Source == "T";
            if (!rises || (!isNamed && DateUnit(last) is null)) { continue; }
            var unit = UnitWord(options.TimeFormat) ?? UnitOf(column, last, steps);
            reasons.Add($"time      '{column.Source}': a number that rises, in {unit.ToString().ToLowerInvariant()}");
            return FileColumn.Time(column.Source, unit);
        }

        return null;

        (double Last, List<double> Rising, bool Rises) Steps(FileColumn column) => StepsOf(files, column, device, devices);
    }

    private static FileColumn Said(
        Func<FileColumn, (double Last, List<double> Rising, bool Rises)> stepsOf, FileColumn column, string? format, List<string> reasons)
    {
        reasons.Add($"time      '{column.Source}': {(format is null ? "--time says so" : $"in {format}, as --time-format says")}");
        var isNumber = column.Value == FileValue.Number;
        if (format is null && column.Value == FileValue.Time) { return column; }
        if (isNumber && (format is null || UnitWord(format) is not null))
        {
            var (last, steps, _) = stepsOf(column);
            return FileColumn.Time(column.Source, UnitWord(format) ?? UnitOf(column, last, steps));
        }

        if (UnitWord(format) is { } unit) { return FileColumn.Time(column.Source, unit); }
        if (format is null || FirstLook.Same(format, "iso8601")) { return FileColumn.Time(column.Source); }
        return FileColumn.Time(column.Source) with { TimeFormat = format };
    }

    internal static bool IsUnit(string word) => UnitWord(word) is not null || FirstLook.Same(word, "iso8601");

    private static TimeUnit? UnitWord(string? word) => UnitWords.Where(u => u.Words.Contains(word, StringComparer.OrdinalIgnoreCase))
        .Select(static u => (TimeUnit?)u.Unit).FirstOrDefault();

    /// <summary>Returns true for names such as <c>Arrival_Time</c>, <c>loggingTime</c> or <c>ns_since_reboot</c>.</summary>
    internal static bool HasTimeWord(string name) => WordsOf(name).Any(static w => TimeWords.Contains(w, StringComparer.OrdinalIgnoreCase));

    /// <summary>Returns true for strings that look like times, which are neither a device nor a label.</summary>
    internal static bool IsTimeText(FileColumn column) => column.Value == FileValue.Class && !column.Classes.IsDefaultOrEmpty
        && column.Classes.Length > 1 && column.Classes.Take(100).All(static t => t.Count(char.IsAsciiDigit) >= 4
            && t.AsSpan().ContainsAny(":/-.")
            && t.All(static c => char.IsLetterOrDigit(c) || " :/-.,+".Contains(c, StringComparison.Ordinal))
            && !t.Zip(t.Skip(1)).Any(static two => char.IsLetter(two.First) && two.Second == ':'));

    internal static string[] WordsOf(string name)
    {
        var text = new System.Text.StringBuilder();
        foreach (var (at, c) in name.Index())
        {
            if (at > 0 && char.IsUpper(c) && char.IsLower(name[at - 1])) { text.Append(' '); }
            text.Append(char.IsLetter(c) ? c : ' ');
        }

        return text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Returns the last value, the steps within a device, and whether the column mostly increases. If each device has one row, as
    /// in a new growing file, it counts as increasing.</summary>
    private static (double Last, List<double> Steps, bool Rises) StepsOf(
        IOwnFiles files, FileColumn column, string? device, ImmutableArray<string> devices)
    {
        var number = FileColumn.Number("v", ColumnType.Float64, column.Field.Unit) with { Source = column.Source };
        var (before, steps, last, rows) = (new Dictionary<int, double>(), new List<double>(), 0.0, 0);
        OwnReader.ReadRows(files, [number], device, devices, (batch, row, of) =>
        {
            var value = batch.Columns[0].Values<double>()[row];
            if (before.TryGetValue(of.Device, out var earlier)) { steps.Add(value - earlier); }
            (before[of.Device], last, rows) = (value, value, rows + 1);
        }, isFirstOnly: true, most: Math.Max(LeastRows, MinOfDevice * devices.Length));
        var rising = steps.FindAll(static s => s >= 0);
        if (rows == 0 || rising.Count * 2 < steps.Count) { return (0, [], false); }
        rising.RemoveAll(static s => s <= 0);
        return (last, rising, steps.Count == 0 || rising.Count > 0);
    }

    /// <summary>Finds the unit from the name, otherwise the unit that gives a date of this century, otherwise from the steps.</summary>
    private static TimeUnit UnitOf(FileColumn column, double last, List<double> steps)
    {
        var words = column.Field.Unit == Unit.One ? WordsOf(column.Field.Name) : [column.Field.Unit.Symbol];
        var named = UnitWords.Where(u => words.Any(w => u.Words.Contains(w, StringComparer.OrdinalIgnoreCase)))
            .Select(static u => (TimeUnit?)u.Unit).FirstOrDefault();
        var isBeyond = named is { } unit && last / TimeDoubts.Units.First(u => u.Unit == unit).Second >= Until2100;
        return isBeyond && DateUnit(last) is { } date ? date : named ?? UnitOf(last, steps);
    }

    private static TimeUnit UnitOf(double last, List<double> steps)
    {
        if (DateUnit(last) is { } unit) { return unit; }
        var step = steps.Count == 0 ? 1 : Median(steps);
        return step >= 1e5 ? TimeUnit.Nanoseconds : step >= 2000 ? TimeUnit.Microseconds : step >= 2 ? TimeUnit.Milliseconds
            : TimeUnit.Seconds;
    }

    /// <summary>Returns the unit in which a value is a date of this century.</summary>
    private static TimeUnit? DateUnit(double value) =>
        TimeDoubts.Units.Where(u => value / u.Second is >= Since2000 and < Until2100).Select(static u => (TimeUnit?)u.Unit)
            .FirstOrDefault();

    /// <summary>Chooses the times, or a fixed rate if they are too coarse.</summary>
    /// <remarks><paramref name="named"/>: the column, whose name may have a unit; null: the unit is said.</remarks>
    /// <exception cref="ProgramException">The given rate matches neither the times nor the rows.</exception>
    internal static TimeChoice Choose(FileColumn time, TimesSeen seen, DeviceRates? rates, double? said, bool mayDiffer,
        FileColumn? named = null)
    {
        if (seen.Rows == 0 && seen.Missing > 0)
        {
            return new(time, null, [], $"a time: no value of '{time.Source}' can be read; --time-format says how they are written, such as "
                + "'d/M/yyyy H:mm:ss.FFFFFFF'");
        }

        if (named is not null && TimeDoubts.OfLonger(named, time, seen.StepRate) is { } longer)
        {
            return new(time, null, [], longer);
        }

        if (said is null && seen.MayBeDays(time) is { } days) { return new(time, null, [], days); }
        if (seen.IsMixed)
        {
            return new(time, null, [], $"the devices: in '{time.Source}', {seen.Of(seen.Stray)} are out of order with the rows "
                + $"around: separate devices with --device COLUMN, or sort the rows by time; {ByRow}");
        }

        if (said is null && time.TimeUnit < TimeUnit.Iso8601 && seen.StepRate > MaxRate)
        {
            return new(time, null, [], FormattableString.Invariant($"the unit of '{time.Source}': {TimeDoubts.UnitText(time)} would be ")
                + FormattableString.Invariant($"{seen.StepRate:0.###} rows a second")
                + TimeDoubts.OtherText(time, seen.StepRate.Value, seen.IsCoarse));
        }

        if (said is { } rate && !(mayDiffer && !seen.IsCoarse))
        {
            var isStep = IsNear(rate, seen.StepRate) || rates?.Rates.Any(r => IsNear(rate, r.Rate)) == true;
            if (seen.Changing.Any(s => IsNear(rate, 1 / s)))
            {
                return new(time, rate, [$"rate      {RateText.Of(rate)}: --rate says so; rows at another are resampled to it",
                    .. (seen with { Changing = [] }).Lines(time.Source).Select(static l => $"{Word}{l}")], null);
            }

            if (seen.IsCoarse && !isStep && IsNear(rate, seen.RowRate)) { return Aside(time, seen, rate); }
            if (!isStep && !mayDiffer && seen.StepRate is not null)
            {
                throw new ProgramException(FormattableString.Invariant(
                    $"--rate: the times in column '{time.Source}' say {seen.StepRate:0.###} rows a second")
                    + (!seen.IsCoarse ? ""
                        : FormattableString.Invariant($", or {seen.RowRate:0.###} with the rows that repeat a time or have none"))
                    + FormattableString.Invariant($", not {rate:0.###}: {(seen.IsCoarse ? "use one of them" : "leave it out")}"),
                    ProgramExit.DataRefused);
            }
        }

        var lines = seen.Lines(time.Source).Select(static l => $"{Word}{l}");
        if (said is null && seen.IsCoarse)
        {
            return new(null, seen.RowRate, [], FormattableString.Invariant($"rows a second: {Coarse(time, seen)}; ")
                + FormattableString.Invariant($"--rate {seen.RowRate:0.###} takes all rows as evenly spaced, without that column; ")
                + FormattableString.Invariant($"--rate {seen.StepRate:0.###} leaves out those {seen.Repeated + seen.Missing:N0}; ")
                + $"if devices have the same times, separate them with --device COLUMN; {ByRow}");
        }

        if (rates is { Rates.Length: > 1 } devices && (said is { } asked && !mayDiffer ? asked : devices.Common) is var common)
        {
            return new(time, common, [$"rate      {RateText.Of(common)}: {devices}; rows are resampled to it", .. lines,
                .. TimeDoubts.OfRate(time, common)], null);
        }

        return (rates?.Common ?? seen.StepRate) is not { } step
            ? new(time, null, [.. lines], $"rows a second: no time in column '{time.Source}' is later than the previous one, "
                + "set it, such as --rate 50")
            : new(time, step,
                [$"rate      {RateText.Of(step)}: the usual step of '{time.Source}'", .. lines, .. TimeDoubts.OfRate(time, step)], null);
    }

    internal static IEnumerable<string> Noted(TimeChoice choice) =>
        choice.Reasons.Where(static r => r.StartsWith(Word, StringComparison.Ordinal)).Select(static r => r[Word.Length..]);

    internal static string WhyNot(TimesSeen seen) => FormattableString.Invariant(
        $"but it does not rise: of {Printable.Rows(seen.Total)} {seen.Repeated:N0} repeat the previous row, at {seen.Falls:N0} it falls, ")
        + FormattableString.Invariant($"{seen.Missing:N0} have none; ")
        + (seen.Falls > seen.Repeated ? "sort the rows by time, or name the column of their devices, --device COLUMN"
            : "set the rows per second with --rate");

    private static TimeChoice Aside(FileColumn time, TimesSeen seen, double rate) => new(null, rate,
        [$"{Word}{Coarse(time, seen)}: it is not used, "
            + FormattableString.Invariant($"all rows are treated as evenly spaced, {rate:0.###} per second")],
        null);

    private static string Coarse(FileColumn time, TimesSeen seen) => $"in '{time.Source}', {seen.Of(seen.Repeated)} repeat the time of the "
        + FormattableString.Invariant($"previous row{(seen.Missing > 0 ? $" and {seen.Missing:N0} have none" : "")}: its steps say ")
        + FormattableString.Invariant($"{seen.StepRate:0.###} a second, its rows {seen.RowRate:0.###}");

    private static bool IsNear(double rate, double? found) => found is { } other && Math.Abs(rate - other) <= 0.1 * other;

    private static string Stem(string name) => name.IndexOf('(') is > 0 and var open ? name[..open].TrimEnd(' ', '_') : name;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

internal sealed record TimeChoice(FileColumn? Time, double? Rate, ImmutableArray<string> Reasons, string? Missing);
