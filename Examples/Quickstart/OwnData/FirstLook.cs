using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;
using StreamLearn.Files;
using StreamLearn.Formats;

namespace Quickstart;

/// <summary>Finds out what the columns of somebody's files are: by what the options say, else by names and values.</summary>
internal static class FirstLook
{
    private const int MaxClasses = 60;
    private const int MaxNumberClasses = 20;

    private static readonly string[] LabelNames = ["label", "activity", "class", "target", "gesture", "digit", "state", "event", "y"];

    private static readonly string[] DeviceNames = ["device", "person", "subject", "user", "participant", "speaker", "patient", "machine",
        "sensor", "unit", "node", "device_id", "person_id", "subject_id", "user_id", "machine_id", "sensor_id", "room", "site",
        "vehicle", "animal", "recording", "session", "trial", "experiment", "file"];

    private static readonly string[] TimeNames = ["time", "timestamp", "ts", "t", "date", "datetime", "epoch", "seconds", "sec", "millis",
        "ms", "time_s", "time_ms", "time_us", "time_ns", "timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns"];

    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    private static readonly string[] PlaceNames = ["", "index", "idx", "row", "id", "unnamed: 0", "sample", "seq"];

    /// <exception cref="QuickstartException">The files cannot be read, or have no column that the options name.</exception>
    internal static OwnColumns At(QuickstartOptions options)
    {
        var pattern = options.Csv!;
        try
        {
            var files = FileSet.Find(pattern);
            if (!File.Exists(files.Files[0])) { throw new FileNotFoundException($"there is no file {files.Files[0]}"); }
            var form = new CsvOptions { Delimiter = DelimiterOf(files.Files[0]), BadRows = BadRows.Skip };
            ImmutableArray<FileColumn> columns = [.. CsvSurvey.Columns(files.Files[0], form).Select(Numbers)];
            if (columns.FirstOrDefault(HasCommas) is { } commas)
            {
                throw new QuickstartException($"--csv: column '{commas.Source}' has decimal commas, such as '{commas.Classes[0]}': "
                    + "expected decimal points", ExitCode.DataRefused);
            }

            return Chosen(options, files, form, columns);
        }
        catch (Exception e) when (e is FileRowsException or FileNotFoundException or ArgumentException or DirectoryNotFoundException
            or IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"--csv: {e.Message.ReplaceLineEndings(" ")}", ExitCode.DataRefused);
        }
    }

    private static OwnColumns Chosen(QuickstartOptions options, FileSet files, CsvOptions form, ImmutableArray<FileColumn> columns)
    {
        var (reasons, missing) = (new List<string>(), new List<string>());
        var time = TimeOf(columns, files.Files[0], form, reasons);
        var device = DeviceOf(options, files, columns, reasons, out var filePerDevice, out var isPart);
        var label = LabelOf(options.Label, columns.Where(c => c.Source != device && c.Source != time?.Source).ToList(), files, form,
            reasons);
        if (label is null)
        {
            missing.Add($"a label: name the column that says the class, --label COLUMN{Suggested(columns, files, form)}");
        }

        string[] asked = [.. new[] { label, isPart ? null : device }.OfType<string>()];
        var texts = CsvSurvey.Texts(files.Pattern, asked, form);
        ImmutableArray<string> classes = label is null ? [] : [.. Ordered(texts[0].Keys)];
        var devices = isPart ? files.TextsOf(device!) : device is not null ? [.. Ordered(texts[^1].Keys)]
            : filePerDevice ? NamesOf(files) : ["device"];
        if (label is not null && classes.Length < 2)
        {
            missing.Add($"a label with two classes or more: column '{label}' has {classes.Length}, --label names another");
        }

        var channels = columns.Where(c => c.Source != time?.Source && c.Source != label && c.Source != device
            && IsChannel(c, time is not null, reasons))
            .Select(static c => FileColumn.Channel(c.Field.Name, c.Field.Unit, nullable: true) with { Source = c.Source })
                .ToImmutableArray();
        if (channels.IsEmpty) { missing.Add("a column of numbers to learn from"); }
        else { reasons.Insert(0, $"channels  {string.Join(", ", channels.Select(UnitText))}: the columns of numbers that are left"); }
        var rate = options.Rate;
        if (time is not null)
        {
            var found = RateOf(files, form, time, channels, device, isPart);
            reasons.Add(FormattableString.Invariant($"rate      {found:0.###} rows a second: the median step of '{time.Source}'"));
            if (rate is { } said && found is { } is_ && Math.Abs(said - is_) > 0.1 * is_)
            {
                throw new QuickstartException(FormattableString.Invariant(
                    $"--rate: the times in column '{time.Source}' say {is_:0.###} rows a second, not {said:0.###}: leave it out"),
                    ExitCode.DataRefused);
            }

            rate = found;
        }

        if (rate is null) { missing.Add("rows a second: no column is a time, --rate says how many come, such as --rate 50"); }
        return new(files.Pattern, channels, label, device, filePerDevice, time, rate, classes, devices, form.Delimiter)
        {
            Reasons = [.. reasons],
            Missing = [.. missing],
            DeviceIsPart = isPart,
        };
    }

    /// <summary>A column of texts most of which are numbers has numbers, and rows that cannot be read.</summary>
    private static FileColumn Numbers(FileColumn column) => column.Value == FileValue.Class
        && column.Classes.Count(static c => IsNumber(c)) * 2 > column.Classes.Length
            ? FileColumn.Number(column.Field.Name, ColumnType.Float32, column.Field.Unit, nullable: true) with { Source = column.Source }
            : column;

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static bool HasCommas(FileColumn column) => column.Value == FileValue.Class && column.Classes.Length > 1
        && column.Classes.All(static c => c.Count(static d => d == ',') == 1 && IsNumber(c.Replace(',', '.')));

    private static string UnitText(FileColumn column) =>
        column.Field.Unit == Unit.One ? column.Field.Name : $"{column.Field.Name} [{column.Field.Unit}]";

    private static string? LabelOf(string? asked, List<FileColumn> columns, FileSet files, CsvOptions form, List<string> reasons)
    {
        if (asked is not null)
        {
            Require("--label", asked, columns);
            reasons.Add($"label     '{asked}': --label says so");
            return asked;
        }

        foreach (var name in LabelNames)
        {
            if (columns.Find(c => Same(c.Source, name)) is not { } named || !IsDiscrete(named)) { continue; }
            reasons.Add($"label     '{named.Source}': by its name");
            return named.Source;
        }

        var texts = columns.FindAll(static c => c.Value is FileValue.Class or FileValue.Flag);
        foreach (var column in texts)
        {
            if (CsvSurvey.Texts(files.Pattern, [column.Source], form)[0].Count is < 2 or > MaxClasses) { continue; }
            reasons.Add($"label     '{column.Source}': {(texts.Count == 1 ? "the only" : "the first")} column of few texts");
            return column.Source;
        }

        return null;
    }

    /// <summary>Whole numbers of few values, any of which may be a label.</summary>
    private static string Suggested(ImmutableArray<FileColumn> columns, FileSet files, CsvOptions form)
    {
        var few = columns.Where(c => c.Field.Type == ColumnType.Int32 && c.Value is FileValue.Number or FileValue.Flag).Where(c =>
            CsvSurvey.Texts(files.Files[0], [c.Source], form)[0].Count is >= 2 and <= MaxNumberClasses).Select(c => c.Source).ToList();
        return few.Count == 0 ? "" : $"; few values have {string.Join(", ", few)}";
    }

    private static bool IsDiscrete(FileColumn column) =>
        column.Value is FileValue.Class or FileValue.Flag || column.Field.Type is ColumnType.Int32 or ColumnType.Int64;

    private static string? DeviceOf(QuickstartOptions options, FileSet files, ImmutableArray<FileColumn> columns, List<string> reasons,
        out bool filePerDevice, out bool isPart)
    {
        var asked = options.Device;
        (filePerDevice, isPart) = (false, false);
        if (asked is not null)
        {
            reasons.Add($"device    '{asked}': --device says so");
            isPart = files.Names.Contains(asked);
            if (isPart || columns.Any(c => c.Source == asked)) { return asked; }
            filePerDevice = Same(asked, "file");
            if (filePerDevice || Same(asked, "none")) { return null; }
            Require("--device", asked, columns);
        }

        if (files.Names.Length > 0)
        {
            isPart = true;
            reasons.Add($"device    '{files.Names[0]}': a part of the files' names");
            return files.Names[0];
        }

        foreach (var name in DeviceNames)
        {
            if (columns.FirstOrDefault(c => Same(c.Source, name)) is not { } named || !IsDiscrete(named) || named.Source == options.Label)
            {
                continue;
            }

            reasons.Add($"device    '{named.Source}': by its name");
            return named.Source;
        }

        bool IsLabel(FileColumn c) => c.Source == options.Label || (options.Label is null && LabelNames.Any(n => Same(c.Source, n)));
        var texts = columns.Where(c => c.Value == FileValue.Class && !IsLabel(c)).ToList();
        if (texts.Count == 1 && columns.Any(IsLabel))
        {
            reasons.Add($"device    '{texts[0].Source}': the only column of texts beside the label");
            return texts[0].Source;
        }

        filePerDevice = files.Files.Length > 1;
        reasons.Add(filePerDevice
            ? "device    each file is one: no column says whose rows they are" : "device    one: no column says whose rows they are");
        return null;
    }

    private static FileColumn? TimeOf(ImmutableArray<FileColumn> columns, string path, CsvOptions form, List<string> reasons)
    {
        if (columns.FirstOrDefault(static c => c.Value == FileValue.Time) is { } iso)
        {
            reasons.Add($"time      '{iso.Source}': ISO 8601");
            return iso;
        }

        foreach (var column in columns.Where(c => c.Value == FileValue.Number && !c.Field.Nullable
            && TimeNames.Any(n => Same(Stem(c.Field.Name), n))))
        {
            var steps = StepsOf(path, form, column);
            if (steps.Count == 0) { continue; }
            var unit = UnitOf(column, steps);
            reasons.Add($"time      '{column.Source}': a number that rises, in {unit.ToString().ToLowerInvariant()}");
            return FileColumn.Time(column.Source, unit);
        }

        return null;
    }

    /// <summary>The steps of a column from row to row where it rises; none if it mostly does not.</summary>
    private static List<double> StepsOf(string path, CsvOptions form, FileColumn column)
    {
        var values = new List<double>();
        OwnReader.Read(path, form with { Columns = [FileColumn.Number("v", ColumnType.Float64) with { Source = column.Source }] },
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

    private static double? RateOf(FileSet files, CsvOptions form, FileColumn time, ImmutableArray<FileColumn> channels, string? device,
        bool isPart)
    {
        var last = new Dictionary<int, long>();
        var steps = new List<double>();
        List<FileColumn> columns = [time];
        if (device is not null && !isPart)
        {
            columns.Add(FileColumn.Class("device", [.. CsvSurvey.Texts(files.Files[0], [device], form)[0].Keys]) with { Source = device });
        }

        OwnReader.Read(files.Files[0], form with { Columns = columns }, batch =>
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

    private static bool IsChannel(FileColumn column, bool hasTime, List<string> reasons)
    {
        if (column.Value != FileValue.Number || column.Field.Type == ColumnType.Int32 && PlaceNames.Any(n => Same(column.Field.Name, n)))
        {
            reasons.Add($"left out  '{column.Source}': {(column.Value == FileValue.Number ? "it numbers the rows" : "it has no numbers")}");
            return false;
        }

        if (!TimeNames.Any(n => Same(Stem(column.Field.Name), n))) { return true; }
        reasons.Add($"left out  '{column.Source}': named like a time{(hasTime ? ", of which one is enough" : ", but it does not rise")}");
        return false;
    }

    /// <summary>The character that parts the first line into the most values.</summary>
    private static char DelimiterOf(string path)
    {
        var head = OwnReader.FirstLine(path);
        return Delimiters.MaxBy(c => head.Count(h => h == c));
    }

    private static void Require(string option, string asked, IEnumerable<FileColumn> columns)
    {
        if (columns.Any(c => c.Source == asked)) { return; }
        throw new QuickstartException(
            $"{option}: there is no column '{asked}', expected one of {string.Join(", ", columns.Select(static c => c.Source))}",
            ExitCode.BadCommandLine);
    }

    /// <summary>Texts in their order: numbers by value, others as they are written.</summary>
    private static IEnumerable<string> Ordered(IEnumerable<string> texts)
    {
        var all = texts.ToList();
        return all.TrueForAll(IsNumber)
            ? all.OrderBy(static t => double.Parse(t, CultureInfo.InvariantCulture)) : all.Order(StringComparer.Ordinal);
    }

    /// <summary>Names of files without their folders; with them where two would be the same.</summary>
    private static ImmutableArray<string> NamesOf(FileSet files)
    {
        var names = files.Files.Select(NameOf).ToImmutableArray();
        return names.Distinct().Count() == names.Length ? names : files.Files;
    }

    /// <summary>A name without what stands in parentheses after it.</summary>
    private static string Stem(string name) => name.IndexOf('(') is > 0 and var open ? name[..open].TrimEnd(' ', '_') : name;

    private static string NameOf(string path)
    {
        var name = Path.GetFileName(path);
        return name.IndexOf('.', 1) is > 0 and var end ? name[..end] : name;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
