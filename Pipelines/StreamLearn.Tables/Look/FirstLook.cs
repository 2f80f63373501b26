namespace StreamLearn.Tables;

/// <summary>Determines the role of each column, from the options or else from names and values.</summary>
internal static class FirstLook
{
    private const int ChannelsShown = 24;
    private const int MaxNamedColumns = 8;
    private const int MaxClasses = 1024;        // maximum classes of a model

    private static readonly string[] DeviceNames = ["device", "person", "subject", "user", "participant", "speaker", "patient", "machine",
        "sensor", "unit", "node", "device_id", "person_id", "subject_id", "user_id", "machine_id", "sensor_id", "room", "site",
        "vehicle", "animal", "recording", "session", "trial", "experiment", "file", "gerät", "geraet", "maschine", "appareil",
        "máquina", "maquina", "persona", "personne"];

    private static readonly string[] PlaceNames = ["", "index", "idx", "row", "id", "unnamed: 0", "sample", "seq"];

    public static OwnColumns At(LookOptions options, double? modelRate = null)
    {
        try
        {
            return Chosen(options, options.Arrow is { } arrow ? new OwnArrow(arrow) : new OwnCsv(options.Csv!, options.Form), modelRate);
        }
        catch (Exception e) when (e is FileRowsException or FileNotFoundException or ArgumentException or DirectoryNotFoundException
            or IOException or UnauthorizedAccessException or InvalidDataException or SchemaException)
        {
            throw new ProgramException($"{options.RowsOption}: {e.Message.ReplaceLineEndings(" ")}", ProgramExit.DataRefused);
        }
    }

    private static OwnColumns Chosen(LookOptions options, IOwnFiles rows, double? modelRate)
    {
        var (files, columns) = (rows.Set, rows.Columns);
        options = options with { Channels = Sources(options.Channels, columns), Ignore = Sources(options.Ignore, columns) };
        Require(options, columns);
        var (reasons, missing, leftOut) = (new List<string>(), new List<string>(), new List<(FileColumn Column, string Why)>());
        var others = OtherFiles.Of(rows);
        var (ofDevice, ofTime) = (new List<string>(), new List<string>());
        var device = DeviceOf(options, rows, columns, ofDevice, out var filePerDevice, out var isPart);
        var column = isPart ? null : device;
        var devices = isPart ? files.TextsOf(device!)
            : device is not null ? [.. ClassOrder.InOrder([.. rows.Texts([device], isFirstOnly: others.Lack(device))[0].Keys])]
            : filePerDevice ? NamesOf(files) : ["device"];
        var numbers = columns.Where(c => c.Value == FileValue.Number && c.Source != device && c.Source != options.Label
            && !options.Leaves(c.Source)).ToImmutableArray();
        var sample = ColumnSample.Of(rows, numbers, column, devices,
            isFirstOnly: others.Lack([.. numbers.Select(static c => c.Source), column]));
        var time = LookAtTimes.TimeOf(rows, options, sample.Rising, column, devices, ofTime);
        reasons.AddRange([.. ofTime, .. ofDevice]);
        var target = TargetOf(options, columns, reasons);
        var labelPart = target is not null ? null : files.Names.FirstOrDefault(n => IsLabelPart(options, n));
        var label = target is not null ? null : labelPart ?? LookAtLabels.LabelOf(options.Label, columns.Where(c => c.Source != device
            && c.Source != time?.Source && !options.Leaves(c.Source) && !LookAtTimes.IsTimeText(c)).ToList(), rows, reasons);
        if (labelPart is not null) { reasons.Add($"label     '{labelPart}': a part of the files' names"); }
        if (label is null && target is null)
        {
            missing.Add($"a label: choose the column with the class, --label COLUMN{LookAtLabels.Suggested(rows)}; or the part of the "
                + "file names with it, such as 'data/{label}_*.csv'; or a column with a value to learn, --target COLUMN");
        }

        string[] asked = [.. new[] { labelPart is null ? label : null, target?.Source, column }.OfType<string>()];
        ImmutableArray<string> classes = labelPart is not null ? files.TextsOf(labelPart)
            : label is null ? [] : [.. ClassOrder.InOrder([.. rows.Texts([label], isFirstOnly: others.Lack(label))[0].Keys])];
        if (classes.Length > MaxClasses)
        {
            missing.Add(FormattableString.Invariant($"a label with at most {MaxClasses:N0} classes: column '{label}' has ")
                + FormattableString.Invariant($"{classes.Length:N0}, --label names another"));
        }

        if (label is not null && classes.Length < 2)
        {
            missing.Add($"a label with two classes or more: column '{label}' has {classes.Length}; choose another with --label");
        }

        var left = columns.Where(c => c.Source != time?.Source && c.Source != label && c.Source != device && !options.Leaves(c.Source))
            .ToImmutableArray();
        ImmutableArray<FileColumn> channels = options.Channels.Length > 0 ? [.. left.Where(c => options.Channels.Contains(c.Source))]
            : options.TakesAll ? [.. left.Where(static c => c.Value == FileValue.Number)]
            : Measured(rows, left, time is not null, labelPart is null ? label : null, classes, sample, leftOut);
        reasons.AddRange(leftOut.Select(static c => $"left out  {Text(c)}"));
        string[] doubts =
        [
            .. sample.Doubts(channels), .. target is null || channels.Any(c => c.Source == target.Source) ? []
                : ColumnSample.Of(rows, [target], device: null, [], isFirstOnly: true).Sentinels([target]),
        ];
        reasons.AddRange(doubts.Select(static d => $"noted     {d}"));
        channels = [.. channels.Zip(Printable.Distinct([.. channels.Select(static c => c.Field.Name)]),
            static (c, name) => FileColumn.Channel(name, c.Field.Unit, nullable: true) with { Source = c.Source })];
        if (channels.IsEmpty) { missing.Add("a numeric column to learn from"); }
        else
        {
            reasons.Insert(0, $"channels  {Listed(channels)}: "
                + (options.Channels.Length > 0 ? "--channels says so" : "the remaining numeric columns"));
        }

        string DeviceAt(int file, int place) =>
            isPart ? devices[files.CodeOf(file, device!)] : filePerDevice ? devices[file] : devices[place];
        TimesChosen chosen = options.EachRow ? EachRow(options, time)
            : time is not null ? ByTime(options, time, TimesSeen.Of(rows, time, column, devices,
                isFirstOnly: others.Lack(time.Source, column)), modelRate, DeviceAt)
            : new(null, options.Rate)
            {
                Missing = options.Rate is not null ? null : NoRate(rows.NamesOf(files.Files[0]).Select(static n => n.Name)
                    .FirstOrDefault(n => n != label && n != device && (LookAtTimes.IsTimeName(n) || LookAtTimes.HasTimeWord(n))), reasons),
            };
        reasons.AddRange(chosen.Reasons);
        if (chosen.Missing is { } what) { missing.Add(what); }
        string[] needed = [.. asked, .. chosen.Time is { } used ? new[] { used.Source } : []];
        string[] inputs = [.. channels.Select(static c => c.Source)];
        return new(rows, channels, label, device, filePerDevice, chosen.Time, chosen.Rate, classes, devices)
        {
            Reasons = [.. reasons, .. others.Lines(), .. rows.HeadNotes.Select(static n => $"noted     {n}"), .. rows.LeftOut],
            Missing = [.. missing],
            Unfit = [.. others.Unfit([.. needed, .. inputs], files.Files[0])],
            Dispensable = others.Dispensable(needed, inputs),
            Noted = chosen.Noted,
            Told = [.. rows.HeadNotes, .. Told(leftOut, doubts, others.Texts())],
            Slow = chosen.Slow,
            DeviceIsPart = isPart,
            LabelIsPart = labelPart is not null,
            Target = target,
            Said = options,
            FallingTime = time is null && !options.EachRow ? columns.FirstOrDefault(LookAtTimes.IsNamedSo)?.Source : null,
        };
    }

    private sealed record TimesChosen(FileColumn? Time, double? Rate)
    {
        internal ImmutableArray<string> Reasons { get; init; } = [];

        internal string? Missing { get; init; }

        internal ImmutableArray<string> Noted { get; init; } = [];

        internal ImmutableArray<string> Slow { get; init; } = [];
    }

    /// <summary>Chooses times for independent rows: used for answers only, not for learning.</summary>
    private static TimesChosen EachRow(LookOptions options, FileColumn? time) =>
        new(options.TakesAll || options.KeepsTimes ? time : null, 1) { Reasons = ["rows      independent; their times are not used"] };

    private static TimesChosen ByTime(
        LookOptions options, FileColumn time, TimesSeen seen, double? modelRate, Func<int, int, string> deviceAt)
    {
        var choice = LookAtTimes.Choose(time, seen, options.Rate ?? modelRate, mayDiffer: options.Rate is null);
        return new(choice.Time, choice.Rate)
        {
            Reasons = [.. choice.Reasons],
            Missing = choice.Missing,
            Noted = [.. LookAtTimes.Noted(choice)],
            Slow = choice.Time is null || choice.Rate is not { } rate ? [] : [.. SlowDevices.Lines(seen, rate, deviceAt)],
        };
    }

    private static string NoRate(string? text, List<string> reasons) =>
        $"rows a second: no column is a time{WhyNoTime(text, reasons)}, --rate says how many come, such as --rate 50, "
            + LookAtTimes.ByRow;

    /// <summary>Returns the column of the value to learn; null: a class is learned.</summary>
    private static FileColumn? TargetOf(LookOptions options, ImmutableArray<FileColumn> columns, List<string> reasons)
    {
        if (options.Target is not { } asked) { return null; }
        Require("--target", asked, columns);
        var column = columns.First(c => c.Source == asked);
        if (column.Value != FileValue.Number)
        {
            throw new ProgramException($"--target: column '{asked}' has no numbers; --label learns classes", ProgramExit.BadCommandLine);
        }

        reasons.Add($"target    '{asked}'{(column.Field.Unit == Unit.One ? "" : $" in {column.Field.Unit}")}: --target says so");
        return FileColumn.Target(asked, column.Field.Unit);
    }

    private static bool IsLabelPart(LookOptions options, string part) => options.Label is { } said ? part == said.Trim('{', '}')
        : LookAtLabels.Names.Contains(part, StringComparer.OrdinalIgnoreCase);

    private static string WhyNoTime(string? text, List<string> reasons) =>
        reasons.Find(static r => r.Contains(LookAtTimes.NamedSo, StringComparison.Ordinal)) is { } why ? $" ({why[why.IndexOf('\'')..]})"
        : text is null ? ""
        : $" ('{text}' is not readable: expected ISO 8601 such as 2026-03-01T12:00:00, or a number; --time-format says how it is "
            + "written, such as 'd/M/yyyy H:mm:ss.FFFFFFF')";

    private static ImmutableArray<FileColumn> Measured(IOwnFiles rows, ImmutableArray<FileColumn> left, bool hasTime, string? label,
        ImmutableArray<string> classes, ColumnSample sample,
        List<(FileColumn Column, string Why)> leftOut)
    {
        var second = label is null ? [] : SecondLabels.Of(rows, left, label, classes, sample);
        return [.. left.Where(c => IsChannel(c, rows, hasTime, sample, second.Contains(c.Source) ? label : null, leftOut))];
    }

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string Listed(ImmutableArray<FileColumn> channels) => string.Join(", ", channels.Take(ChannelsShown).Select(UnitText))
        + (channels.Length > ChannelsShown ? FormattableString.Invariant($" and {channels.Length - ChannelsShown} more") : "");

    private static string UnitText(FileColumn column) =>
        column.Field.Unit == Unit.One ? column.Field.Name : $"{column.Field.Name} [{column.Field.Unit}]";

    internal static bool IsDiscrete(FileColumn column) =>
        column.Value is FileValue.Class or FileValue.Flag || column.Field.Type is ColumnType.Int32 or ColumnType.Int64;

    private static string? DeviceOf(LookOptions options, IOwnFiles rows, ImmutableArray<FileColumn> columns, List<string> reasons,
        out bool filePerDevice, out bool isPart)
    {
        var (asked, files) = (options.Device, rows.Set);
        (filePerDevice, isPart) = (false, false);
        if (asked is not null)
        {
            reasons.Add($"device    '{asked}': --device says so");
            isPart = files.Names.Contains(asked);
            if (isPart || columns.Any(c => c.Source == asked && SaysWhose(c, options))) { return asked; }
            if (columns.Any(c => c.Source == asked))
            {
                throw new ProgramException($"--device: column '{asked}' has times or measurements: expected texts or whole numbers that "
                    + "identify the device, or a part of the file names, file or none", ProgramExit.BadCommandLine);
            }

            filePerDevice = Same(asked, "file");
            if (filePerDevice || Same(asked, "none")) { return null; }
            if (HasTooMany(rows, asked))
            {
                throw new ProgramException(FormattableString.Invariant(
                    $"--device: column '{asked}' has more than {CsvSurvey.MaxTexts:N0} texts"), ProgramExit.BadCommandLine);
            }

            Require("--device", asked, columns);
        }

        if (files.Names.FirstOrDefault(n => !IsLabelPart(options, n)) is { } part)
        {
            isPart = true;
            reasons.Add($"device    '{part}': a part of the files' names");
            return part;
        }

        foreach (var name in DeviceNames)
        {
            if (!options.Leaves(name) && HasTooMany(rows, name))
            {
                throw new ProgramException(FormattableString.Invariant($"{options.RowsOption}: column '{name}' looks like a device and ")
                    + FormattableString.Invariant($"has more than {CsvSurvey.MaxTexts:N0} texts: --device names another, file or none"),
                    ProgramExit.DataRefused);
            }

            if (columns.FirstOrDefault(c => Same(c.Source, name)) is not { } named || !IsDiscrete(named) || named.Source == options.Label
                || options.Leaves(named.Source))
            {
                continue;
            }

            reasons.Add($"device    '{named.Source}': by its name");
            return named.Source;
        }

        bool IsLabel(FileColumn c) =>
            c.Source == options.Label || (options.Label is null && LookAtLabels.Names.Any(n => Same(c.Source, n)));
        var texts = columns.Where(c => c.Value == FileValue.Class && !IsLabel(c) && !options.Leaves(c.Source)
            && !LookAtTimes.IsTimeText(c)).ToList();
        if (texts.Count == 1 && columns.Any(IsLabel))
        {
            reasons.Add($"device    '{texts[0].Source}': the only text column besides the label");
            return texts[0].Source;
        }

        filePerDevice = files.Files.Length > 1;
        reasons.Add(filePerDevice
            ? "device    each file: there is no device column" : "device    one: there is no device column");
        return null;
    }

    private static bool HasTooMany(IOwnFiles rows, string name) => rows.LeftOut.Any(line =>
        line.Contains($"'{name}': ", StringComparison.OrdinalIgnoreCase) && line.Contains("more than", StringComparison.Ordinal));

    private static bool SaysWhose(FileColumn column, LookOptions options) => IsDiscrete(column) && column.Source != options.Time
        && !(column.Value == FileValue.Number && LookAtTimes.IsNamedSo(column));

    private static bool IsChannel(FileColumn column, IOwnFiles rows, bool hasTime, ColumnSample sample, string? sameAs,
        List<(FileColumn Column, string Why)> leftOut)
    {
        if (WhyNot(column, rows, hasTime, sample, sameAs) is not { } why) { return true; }
        leftOut.Add((column, why));
        return false;
    }

    private static IEnumerable<string> Told(
        List<(FileColumn Column, string Why)> leftOut, IEnumerable<string> doubts, IEnumerable<string> others)
    {
        var numbers = leftOut.FindAll(static c => c.Column.Value is FileValue.Number or FileValue.Flag);
        var more = numbers.Count - MaxNamedColumns;
        return [
            .. numbers.Take(MaxNamedColumns).Select(static c => $"left out {Text(c)}"),
            .. more > 0 ? [FormattableString.Invariant($"left out {more} more, which streamlearn look lists")] : Array.Empty<string>(),
            .. doubts, .. others,
        ];
    }

    private static string Text((FileColumn Column, string Why) leftOut) => $"'{leftOut.Column.Source}': {leftOut.Why}";

    /// <summary>Returns why a column is not an input; null: it is one.</summary>
    private static string? WhyNot(FileColumn column, IOwnFiles rows, bool hasTime, ColumnSample sample, string? sameAs) =>
        column.Value switch
        {
            FileValue.Time => "a second time",
            FileValue.Flag => "true or false, not a number",
            FileValue.Class when LookAtTimes.IsTimeText(column) => "texts that look like times; set --time-format",
            FileValue.Class => LookAtLabels.Offered(column) ?? "it is not numeric",
            _ when column.Field.Type == ColumnType.Int32 && PlaceNames.Any(n => Same(column.Field.Name, n)) =>
                "it numbers the rows; --channels includes it",
            _ when sameAs is not null => $"the same as '{sameAs}'; --channels includes it",
            _ when LookAtLabels.Names.Any(n => n.Length > 1 && Same(column.Source, n)) && IsDiscrete(column) =>
                "named like a label, a second one; --channels includes it",
            _ when LookAtLabels.SaysFaults(column, rows) => "looks like a label: two values and a label's name; --channels includes it",
            _ when LookAtTimes.IsNamedSo(column) => $"{LookAtTimes.NamedSo}, " + (hasTime ? "of which one is enough; --channels includes it"
                : LookAtTimes.WhyNot(TimesSeen.Of(rows, column, device: null, [], isFirstOnly: true))),
            _ => sample.WhyNot(column),
        };

    /// <summary>Resolves names, some given with a unit: <c>temperature [Cel]</c>.</summary>
    private static ImmutableArray<string> Sources(ImmutableArray<string> names, ImmutableArray<FileColumn> columns) =>
        [.. names.Select(name => columns.Any(c => c.Source == name) ? name
            : columns.FirstOrDefault(c => $"{c.Source} [{c.Field.Unit}]" == name)?.Source ?? name)];

    private static void Require(LookOptions options, ImmutableArray<FileColumn> columns)
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
        if (columns.Any(c => c.Source == asked)) { return; }
        throw new ProgramException(
            $"{option}: there is no column '{asked}', expected one of {string.Join(", ", columns.Select(static c => c.Source))}",
            ProgramExit.BadCommandLine);
    }

    private static ImmutableArray<string> NamesOf(FileSet files)
    {
        var names = files.Files.Select(NameOf).ToImmutableArray();
        return names.Distinct().Count() == names.Length ? names : files.Files;
    }

    private static string NameOf(string path)
    {
        var name = Path.GetFileName(path);
        return name.IndexOf('.', 1) is > 0 and var end ? name[..end] : name;
    }

    internal static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
