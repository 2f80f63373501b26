using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Tables;

/// <summary>Determines the role of each column, from the options or otherwise from names and values.</summary>
internal static class FirstLook
{
    private const int CopiesShown = 6;

    public static OwnColumns At(TableOptions options, double? modelRate = null) =>
        Read(options, rows => Chosen(options, rows, modelRate));

    public static IOwnFiles FilesOf(TableOptions options) => Read(options, static rows => rows);

    private static T Read<T>(TableOptions options, Func<IOwnFiles, T> look)
    {
        if (options is { Join: not null, Csv: null })
        {
            throw new ProgramException("--join: leave it out; it is for --csv", ProgramExit.BadCommandLine);
        }

        var names = TemporaryNames.Of(options);
        try
        {
            return look(options.Arrow is { } arrow ? new OwnArrow(arrow) : options.Join is not null ? JoinedFiles.Of(options, names)
                : new OwnCsv(options.Spooled ?? options.Csv!, options.Form) { Names = names });
        }
        catch (ProgramException e) when (names.In(e.Message) is var named && named != e.Message)
        {
            throw new ProgramException(named, e.ExitCode);
        }
        catch (Exception e) when (e is FileRowsException or FileNotFoundException or ArgumentException or DirectoryNotFoundException
            or IOException or UnauthorizedAccessException or InvalidDataException or SchemaException)
        {
            var text = names.In(e.Message).ReplaceLineEndings(" ");
            var other = text.IndexOf(": set Delimiter = ", StringComparison.Ordinal);       // --delimiter is one for all files
            throw new ProgramException($"{options.RowsOption}: " + (other < 0 ? text : $"{text[..other]}: this file has another delimiter "
                + "than the first: write all with one, or name it without the others"), ProgramExit.DataRefused);
        }
    }

    private static OwnColumns Chosen(TableOptions said, IOwnFiles rows, double? modelRate)
    {
        var options = WithSources(rows is OwnCsv { JoinedTime: { } joined } ? said with { Time = joined, TimeFormat = "ns" } : said, rows);
        Require(options, rows.Columns);
        var (others, reasons, ofDevice) = (OtherFiles.Of(rows), new List<string>(), new List<string>());
        var device = DeviceRole.Of(options, rows, ofDevice);
        var devices = device.DevicesOf(rows, others);
        var numbers = rows.Columns.Where(c => c.Value == FileValue.Number && c.Source != device.Name && c.Source != options.Label
            && !options.Leaves(c.Source)).ToImmutableArray();
        var sample = ColumnSample.Of(rows, numbers, device.Column, devices,
            isFirstOnly: others.Lack([.. numbers.Select(static c => c.Source), device.Column]));
        var time = LookAtTimes.TimeOf(rows, options, sample.Rising, device.Column, devices, reasons);
        reasons.AddRange(ofDevice);
        var answer = AnswerRole.Of(options, rows, device, time, others, reasons);
        var leaks = options.TakesAll || options.KeepsTimes ? Leaks.None
            : Leaks.Of(new(rows, device, devices, options.EachRow ? null : time, answer, others),
                MayLeak(options, ChannelRoles.Remaining(options, rows, device, time, answer), sample), sample,
                isChosen: options.Channels.Length > 0);
        var roles = ChannelRoles.Of(options, rows, device, time, answer, sample, leaks);
        answer = answer.OfReadable(rows, time, roles.Channels, others, reasons);
        reasons = [.. roles.Text(isAsked: options.Channels.Length > 0) is { } text ? [text] : (string[])[], .. reasons, .. roles.Reasons()];
        var seen = time is null || (options.EachRow && !options.KeepsTimes) ? null
            : TimesSeen.Of(rows, time, device.Column, devices, isFirstOnly: others.Lack(time.Source, device.Column));
        var pooled = options is { TakesAll: false, Channels.Length: 0 } && (!options.EachRow || options.KeepsTimes) ? Pooled() : null;
        var chosen = options.EachRow ? EachRow(options, time)
            : seen is not null ? ByTime(options, time!, seen, modelRate, DeviceAt, rows)
            : Untimed(options, rows, [answer.Label, device.Name], reasons);
        string[] needed = [.. new[] { answer.Column, answer.Target?.Source, device.Column, chosen.Time?.Source }.OfType<string>()];
        string[] inputs = [.. roles.Channels.Select(static c => c.Source)];
        var (notes, times) = NotesOf(rows, chosen.Time, seen, answer.Column, device.Column);
        return new(rows, roles.Channels, answer.Label, device.Name, device.FilePerDevice, chosen.Time, chosen.Rate, answer.Classes, devices)
        {
            Reasons = [.. reasons, .. chosen.Reasons, .. others.Lines(), .. leaks.Copies.Take(CopiesShown).Select(c =>
                    $"noted     {c.Text(devices[c.Second], devices[c.First])}: fit uses one of them"),
                .. notes.Select(static n => $"noted     {n}"), .. rows.LeftOut],
            Missing = [.. answer.Missing(rows), .. new[] { roles.Missing, pooled ?? chosen.Missing }.OfType<string>()],
            Irregular = seen?.Irregular,
            Pooled = pooled,
            FilesCoincide = seen is not null && PooledRows.OfTimes(seen, rows, static (_, _) => "") is not null,
            Unfit = [.. others.Unfit([.. needed, .. inputs], rows.Set.Files[0])],
            Dispensable = others.Dispensable(needed, inputs),
            Noted = chosen.Noted,
            Told = [.. new[] { chosen.Resampled }.OfType<string>(), .. notes, .. roles.Told(), .. others.Texts()],
            TimeNotes = times,
            Slow = chosen.Slow,
            Copies = leaks.Copies,
            DeviceIsPart = device.IsPart,
            LabelIsPart = answer.IsPart,
            Target = answer.Target,
            Said = options with { Time = said.Time, TimeFormat = said.TimeFormat },
            FallingTime = time is null && !options.EachRow ? rows.Columns.FirstOrDefault(LookAtTimes.IsNamedSo)?.Source : null,
        };

        string? Pooled() => (options.Device is null && (device.FilePerDevice || device.IsPart) ? PooledRows.OfFiles(rows.Set) : null)
            ?? (seen is null ? null : PooledRows.OfTimes(seen, rows, DeviceAt)) ?? PooledRows.Of(rows, device, devices, time, roles,
                seen, c => c.Source != options.Label && c.Source != options.Target && c.Source != options.Device
                && !LookAtLabels.Names.Any(n => Same(c.Source, n)), isFirstOnly: others.Differences.Length > 0);

        string DeviceAt(int file, int place) => device.IsPart ? devices[rows.Set.CodeOf(file, device.Name!)]
            : device.FilePerDevice ? devices[file] : devices[place];
    }

    private static (ImmutableArray<string> All, ImmutableArray<string> OfTimes) NotesOf(
        IOwnFiles rows, FileColumn? time, TimesSeen? seen, params IEnumerable<string?> texts)
    {
        ImmutableArray<string> times = time is null ? [] : [.. new[]
        {
            TimesSeen.LackZone(rows, time) ? "times without a zone are read as UTC" : null,
            seen is not { First: { } first } ? null : TimeDoubts.OfDates(time.Source, first, seen.Last, time.TimeUnit,
                TimeProvider.System.GetUtcNow(), static unit => $"--time-format {unit}"),
        }.OfType<string>()];
        string[] spellings = [.. texts.OfType<string>().SelectMany(rows.SpellingNotes)];
        return ([.. rows.HeadNotes, .. spellings, .. times], times);
    }

    private static ImmutableArray<FileColumn> MayLeak(TableOptions options, ImmutableArray<FileColumn> left, ColumnSample sample) =>
        [.. left.Where(c => c.Value == FileValue.Number && !sample.Rising.Contains(c.Source) && !sample.Blocks.Contains(c.Source)
            && (options.Channels.Length == 0 || options.Channels.Contains(c.Source)))];

    private sealed record TimesChosen(FileColumn? Time, double? Rate)
    {
        internal ImmutableArray<string> Reasons { get; init; } = [];

        internal string? Missing { get; init; }

        internal ImmutableArray<string> Noted { get; init; } = [];

        internal ImmutableArray<string> Slow { get; init; } = [];

        internal string? Resampled { get; init; }
    }

    /// <summary>Chooses times for independent rows: used for answers only, not for learning.</summary>
    private static TimesChosen EachRow(TableOptions options, FileColumn? time) =>
        new(options.TakesAll || options.KeepsTimes ? time : null, 1) { Reasons = ["rows      independent; their times are not used"] };

    private static TimesChosen Untimed(TableOptions options, IOwnFiles rows, string?[] known, List<string> reasons) =>
        new(null, options.RowsPerSecond)
        {
            Missing = options.RowsPerSecond is not null ? null : NoRate(rows.NamesOf(rows.Set.Files[0]).Select(static n => n.Name)
                .FirstOrDefault(n => !known.Contains(n) && (LookAtTimes.IsTimeName(n) || LookAtTimes.HasTimeWord(n))), reasons),
        };

    private static TimesChosen ByTime(
        TableOptions options, FileColumn time, TimesSeen seen, double? modelRate, Func<int, int, string> deviceAt, IOwnFiles rows)
    {
        var found = DeviceRates.Of(seen, deviceAt);
        var rates = options.OneRate ? null : found;
        var choice = LookAtTimes.Choose(time, seen, rates, options.RowsPerSecond ?? modelRate, mayDiffer: options.RowsPerSecond is null,
            options.TimeFormat is not null ? null : rows.Columns.FirstOrDefault(c => c.Source == time.Source));
        return new(choice.Time, choice.Rate)
        {
            Reasons = [.. choice.Reasons, .. options.OneRate && found is { Rates.Length: > 1 }
                ? new[] { $"noted     {found}: a sensor takes rows at one rate; write a configuration for each" } : []],
            Missing = choice.Missing,
            Noted = [.. LookAtTimes.Noted(choice)],
            Slow = choice.Time is null || choice.Rate is not { } rate ? [] : [.. DeviceRates.Slow(seen, rate, deviceAt)],
            Resampled = rates is not { Rates.Length: > 1 } || choice.Time is null ? null
                : $"{rates}; rows are resampled to {RateText.Number(choice.Rate!.Value)}",
        };
    }

    private static string NoRate(string? text, List<string> reasons) =>
        $"rows a second: no column is a time{WhyNoTime(text, reasons)}, --rate says how many come, such as --rate 50, "
            + LookAtTimes.ByRow;

    private static string WhyNoTime(string? text, List<string> reasons) =>
        reasons.Find(static r => r.Contains(LookAtTimes.NamedSo, StringComparison.Ordinal)) is { } why ? $" ({why[why.IndexOf('\'')..]})"
        : text is null ? ""
        : $" ('{text}' is not readable: expected ISO 8601 such as 2026-03-01T12:00:00, or a number; --time-format says how it is "
            + "written, such as 'd/M/yyyy H:mm:ss.FFFFFFF')";

    internal static bool IsDiscrete(FileColumn column) =>
        column.Value is FileValue.Class or FileValue.Flag || column.Field.Type is ColumnType.Int32 or ColumnType.Int64;

    /// <summary>Resolves names that have their unit, as in the header: <c>temperature [Cel]</c>.</summary>
    private static TableOptions WithSources(TableOptions options, IOwnFiles rows)
    {
        return options with
        {
            Channels = [.. options.Channels.Select(c => Source(c))],
            Ignore = [.. options.Ignore.Select(c => Source(c))],
            Label = Source(options.Label),
            Target = Source(options.Target),
            Device = Source(options.Device),
            Time = Source(options.Time),
        };

        [return: NotNullIfNotNull(nameof(name))]
        string? Source(string? name)
        {
            if (name is null || !name.EndsWith(']') || rows.Columns.Any(c => c.Source == name)) { return name; }
            var asked = CsvSurvey.NameOf(name);
            return rows.Columns.Any(c => c.Source == asked.Name && c.Field.Unit == asked.Unit)
                || rows.NamesOf(rows.Set.Files[0]).Contains(asked) ? asked.Name : name;
        }
    }

    private static void Require(TableOptions options, ImmutableArray<FileColumn> columns)
    {
        foreach (var name in options.Channels) { Require("--channels", name, columns); }
        foreach (var name in options.Ignore) { Require("--ignore", name, columns); }
        if (options.TimeFormat is { } format && !LookAtTimes.IsUnit(format) && !FileColumn.IsTimeFormat(format))
        {
            throw new ProgramException(
                $"--time-format: expected s, ms, us, ns, iso8601 or a custom .NET format such as 'd/M/yyyy H:mm:ss', got '{format}'",
                ProgramExit.BadCommandLine);
        }

        if (options.Channels.Where(c => columns.Any(k => k.Source == c && k.Value != FileValue.Number)).FirstOrDefault() is { } text)
        {
            throw new ProgramException($"--channels: column '{text}' has no numbers", ProgramExit.BadCommandLine);
        }
    }

    internal static void Require(string option, string asked, IEnumerable<FileColumn> columns)
    {
        if (!columns.Any(c => c.Source == asked)) { throw Unknown(option, asked, columns); }
    }

    internal static ProgramException Unknown(string option, string asked, IEnumerable<FileColumn> columns) => new(
        $"{option}: there is no column '{asked}', expected one of {string.Join(", ", columns.Select(static c => c.Source))}",
        ProgramExit.BadCommandLine);

    internal static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
