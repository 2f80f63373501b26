namespace StreamLearn.Tables;

/// <summary>Finds rows of several quantities that look like one stream.</summary>
internal static class PooledRows
{
    private const int MaxColumns = 4;
    private const int MaxTexts = 60;
    private const double MinRepeated = 0.3;      // share of rows with the time of the previous one
    private const double MaxDoubled = 0.01;      // share of rows that repeat a time and a text
    private const double MinChanges = 0.8;       // share of rows with another text than the previous one
    private const double MinExplained = 0.5;     // share of the variance of the values that the text explains
    private const double MinOverlap = 0.5;       // of the shorter of two recordings
    private const int MinRows = 50;
    private const int TextsShown = 4;

    private static readonly string[] Quantities = ["acc", "accel", "accelerometer", "accelerations", "gyro", "gyr", "gyroscope", "mag",
        "magnetometer", "gravity", "linearaccelerometer", "orientation", "rotation", "barometer", "baro", "pressure", "light", "heartrate",
        "hr", "bvp", "eda", "gsr", "ecg", "ekg", "emg", "eeg", "ppg", "ibi", "temp", "temperature", "humidity", "location", "gps",
        "microphone", "proximity", "steps", "pedometer",
        "hum", "humid", "press", "co",
        "voltage", "current", "power", "vibration"];

    private static readonly string[] Units = ["%", "°c", "c", "°f", "f", "k", "hpa", "pa", "kpa", "bar", "v", "mv", "a", "ma", "w", "kw",
        "kwh", "wh",
        "m/s2", "m/s^2", "m/s²", "g", "lx", "lux", "ppm", "ppb", "rpm", "hz", "db", "mm", "cm", "m", "m/s", "km/h", "rad/s", "µt", "ut"];

    private static readonly string[] QuantityNames = ["field", "attribute", "quantity", "parameter", "metric", "variable", "measurand",
        "entityid"];

    private static readonly string[] ValueNames = ["value", "reading", "measurement", "state"];

    /// <summary>True for texts that say what was measured, and not of whom.</summary>
    internal static bool AreQuantities(IReadOnlyCollection<string> texts) => texts.Count > 1
        && (texts.All(static t => Quantities.Contains(Stem(t))) || texts.All(static t => Units.Contains(t.Trim().ToLowerInvariant())));

    /// <summary>Says that each file has another quantity, by their names; null: they do not look so.</summary>
    internal static string? OfFiles(FileSet files)
    {
        var names = files.Files.Select(QuantityOf).Distinct().ToList();
        return names.Count < 2 || names.Contains(null) ? null
            : $"devices: the files are named like quantities ({Printable.Listed([.. names.OfType<string>()], TextsShown)}), and not like "
                + $"devices: {Join}; if each is a device of its own, --device file says so";
    }

    /// <summary>Says which files of one device were written side by side; null: none. <paramref name="deviceAt"/>: of a file and a
    /// device.</summary>
    internal static string? OfTimes(TimesSeen seen, IOwnFiles rows, Func<int, int, string> deviceAt)
    {
        foreach (var device in seen.Spans.GroupBy(s => deviceAt(s.Of.File, s.Of.Device)))
        {
            var spans = device.OrderBy(static s => s.First).ToList();
            var at = spans.Zip(spans.Skip(1)).ToList().FindIndex(static s => s.First.Last - s.Second.First
                > MinOverlap * Math.Min(s.First.Last - s.First.First, s.Second.Last - s.Second.First));
            if (at < 0) { continue; }
            return $"one recording at a time: '{device.Key}' has rows of the same time in "
                + $"{rows.NameOf(spans[at].Of.File)} and {rows.NameOf(spans[at + 1].Of.File)}: if they are of different sensors, {Join}; "
                + "if they are devices of their own, --device file, or a part of the names; --channels takes them as they are";
        }

        return null;
    }

    private const string Join = "name the part of the file names that says which, such as 'data/{person}/{sensor}.csv', and --join sensor "
        + "makes one table of them by time";

    private static string? QuantityOf(string file)
    {
        var name = Path.GetFileName(file).Split('.')[0];
        return Quantities.Contains(Stem(name)) ? Stem(name) : Array.Find(Words(name), static w => Quantities.Contains(w));
    }

    private static string[] Words(string name) =>
        string.Concat(name.Select(static c => char.IsLetter(c) ? char.ToLowerInvariant(c) : ' '))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Says which column separates the quantities; null: none does.</summary>
    internal static string? Of(IOwnFiles rows, DeviceRole device, ImmutableArray<string> devices, FileColumn? time, ChannelRoles roles,
        TimesSeen? seen, Func<FileColumn, bool> mayBe, bool isFirstOnly)
    {
        var isRepeated = seen is not null && seen.Repeated > MinRepeated * seen.Total;
        if (!isRepeated
            && rows.Columns.FirstOrDefault(c => c.Value == FileValue.Class && IsQuantityName(c.Source) && mayBe(c)) is { } named
            && roles.Channels.FirstOrDefault(static c => ValueNames.Contains(Stem(c.Source))) is { } pooled)
        {
            return Text($"one quantity a column: '{named.Source}' says of what", named, [.. named.Classes], [pooled.Source]);
        }

        if (!isRepeated && roles.Channels.Length != 1) { return null; }
        List<(FileColumn Column, string[] Texts)> few = [.. rows.Columns
            .Where(c => mayBe(c) && c.Source != device.Name && c.Source != time?.Source)
            .Select(c => (c, c.Value == FileValue.Class ? [.. c.Classes] : isRepeated && c.Field.Type == ColumnType.Int32
                ? LookAtLabels.Texts(rows, c.Source) ?? [] : (string[])[]))
            .Where(static c => c.Item2.Length is > 1 and <= MaxTexts).Take(MaxColumns)];
        if (few.Count == 0) { return null; }
        List<FileColumn> read = isRepeated ? [time!]
            : [FileColumn.Number("v", ColumnType.Float64, nullable: true) with { Source = roles.Channels[0].Source, AnyUnit = true }];
        var first = read.Count;
        read.AddRange(few.Select(static (c, i) => FileColumn.Class($"text {i}", [.. c.Texts]) with { Source = c.Column.Source }));
        var counts = few.ConvertAll(static _ => new Counts());
        OwnReader.ReadRows(rows, read, device.Column, devices, (batch, row, of) =>
        {
            var at = isRepeated ? batch.Columns[0].Values<long>()[row] : (long?)null;
            var value = !isRepeated && batch.Columns[0].IsValid(row) ? batch.Columns[0].Values<double>()[row] : 0;
            for (var c = 0; c < few.Count; c++) { counts[c].Add(of, at, value, batch.Columns[first + c].Values<int>()[row]); }
        }, isFirstOnly);
        var found = counts.FindIndex(c => c.Rows >= MinRows
            && (isRepeated ? c.Doubled <= MaxDoubled * c.Rows : c.Changes >= MinChanges * c.Rows && c.Explained >= MinExplained));
        if (found < 0) { return null; }
        var (column, texts) = few[found];
        string[] channels = [.. roles.Channels.Select(static c => c.Source)];
        return Text(isRepeated ? $"one time a row: rows of the same time differ in '{column.Source}'"
            : $"one quantity a column: '{column.Source}' changes with nearly each row", column, texts, channels);
    }

    private static string Text(string seen, FileColumn column, string[] texts, string[] channels) =>
        $"{seen} ({Printable.Listed(texts, TextsShown)}), and {Printable.Listed([.. channels.Select(static c => $"'{c}'")], TextsShown)} "
            + $"has the values of all: --join {OwnColumns.Quoted(column.Source)} makes a column for each; if each is a device of its own, "
            + $"--device {OwnColumns.Quoted(column.Source)}; --channels {OwnColumns.Quoted(string.Join(',', channels))} takes them as "
            + "they are";

    internal static bool IsQuantityName(string name) => QuantityNames.Contains(Stem(name));

    internal static string Stem(string name) => string.Concat(name.Where(char.IsLetter)).ToLowerInvariant();

    /// <summary>How rows of several texts follow each other, and how much of their values the text explains.</summary>
    internal sealed class Counts
    {
        private readonly Dictionary<(int File, int Device), (long? At, int Last, HashSet<int> Seen)> _before = [];

        private readonly Dictionary<int, (long Rows, double Sum, double Squares)> _values = [];

        internal long Rows { get; private set; }

        internal double Explained
        {
            get
            {
                var (all, squares) = (_values.Values.Sum(static v => v.Sum), _values.Values.Sum(static v => v.Squares));
                var whole = squares - (all * all / Rows);
                return whole <= 0 ? 0 : (_values.Values.Sum(static v => v.Sum * v.Sum / v.Rows) - (all * all / Rows)) / whole;
            }
        }

        internal long Changes { get; private set; }

        internal long Doubled { get; private set; }

        internal void Add((int File, int Device) of, long? at, double value, int code)
        {
            Rows++;
            var (rows, sum, squares) = _values.GetValueOrDefault(code);
            _values[code] = (rows + 1, sum + value, squares + (value * value));
            if (!_before.TryGetValue(of, out var before)) { before = (at, code, []); }
            else if (code != before.Last) { Changes++; }
            if (before.At != at) { before.Seen.Clear(); }
            if (!before.Seen.Add(code)) { Doubled++; }
            _before[of] = (at, code, before.Seen);
        }
    }
}
