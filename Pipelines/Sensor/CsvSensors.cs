using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace Sensor;

internal static class CsvSensors
{
    private const string RecordingColumn = "recording";
    private const string DeviceColumn = "device of the row";
    private const int MaxBatchRows = 1024;
    private const int RowsSeen = 20;

    internal static IEnumerable<MeasuredDevice> Of(CsvConfig csv, ColumnsConfig columns, TimeSpan stuck)
    {
        var set = FileSet.Find(csv.Files);
        if (csv.Follow is null && Array.Find([.. set.Files], static f => !File.Exists(f)) is { } missing)
        {
            throw new FileNotFoundException($"there is no file {missing}", missing);
        }

        CheckHead(csv, columns, set.Files[0]);
        switch (csv.Devices)
        {
            case CsvDevices.OneDevice one:
                return [Device(csv, columns, stuck, one.Name, csv.Files, set.Files.Length)];
            case CsvDevices.OfFile:
                var names = Printable.Names([.. set.Files.Select(static f => NameOf(f))]);
                return set.Files.Zip(names, (file, name) => Device(csv, columns, stuck, name, file, 1));
            case CsvDevices.OfPart part:
                if (!set.Names.Contains(part.Part))
                {
                    throw new FormatException($"source.csv.device.part: '{csv.Files}' has no part '{{{part.Part}}}'");
                }

                var texts = set.TextsOf(part.Part);
                return texts.Zip(Printable.Names(texts), (text, name) =>
                {
                    var files = csv.Files.Replace($"{{{part.Part}}}", text, StringComparison.Ordinal);
                    return Device(csv, columns, stuck, name, files, FileSet.Find(files).Files.Length);
                });
            default:
                var of = (CsvDevices.OfColumn)csv.Devices;
                ImmutableArray<string> found = csv.Follow is null
                    ? [.. CsvSurvey.Texts(csv.Files, [of.Column], csv.Form)[0].Keys] : of.Values;
                var values = of.Values.IsEmpty ? found : of.Values;
                ImmutableArray<string> all = [.. found.Union(values, StringComparer.Ordinal)];     // other programs may have these devices
                return values.Zip(Printable.Names(values), (value, name) =>
                    Device(csv, columns, stuck, name, csv.Files, set.Files.Length, (of.Column, all, all.IndexOf(value))));
        }
    }

    private static MeasuredDevice Device(CsvConfig csv, ColumnsConfig columns, TimeSpan stuck, string name, string files, int count,
        (string Column, ImmutableArray<string> Values, int Place)? whose = null)
    {
        var hasTime = columns.Time is not null;
        var hasGaps = hasTime && csv.Rate is not null;
        var recording = count > 1 || (hasTime && !hasGaps) ? RecordingColumn : null;
        Field[] added = recording is null ? [] : [new(recording, ColumnType.Int32, Unit.One)];
        var schema = columns.Schema(added);
        var options = csv.Form with
        {
            Columns = whose is { } of
                ? [.. Columns(columns), FileColumn.Class(DeviceColumn, of.Values) with { Source = of.Column }] : [.. Columns(columns)],
            SamplesPerSecond = columns.Time is null ? csv.Rate : null,
            FileColumn = recording,
            Follow = csv.Follow,
            BatchRows = double.IsPositiveInfinity(csv.Speed) && csv.Follow is null ? MaxBatchRows
                : (int)Math.Clamp((csv.Rate ?? 1) * Math.Min(csv.Speed, MaxBatchRows), 1, MaxBatchRows),
        };
        var speed = csv.Follow is null ? csv.Speed : double.PositiveInfinity;
        return new(name, p =>
        {
            var rows = p.FromCsv(files, options);
            if (!double.IsPositiveInfinity(speed)) { rows = rows.Buffer(1); }       // AtPace holds the next second's batch
            var own = (whose is { } w ? rows.Having(schema, DeviceColumn, w.Place) : rows.InColumns(schema)).AtPace(speed);
            return hasTime ? own.JoinRecordings(recording, csv.Rate) : own;
        }, schema, hasGaps ? CheckQualityOptions.SegmentColumn : recording)
        {
            Quality = new()
            {
                Clock = EventClock.FullSpeed,
                Stuck = stuck,
                Channels = columns.Checks,
                DropFaulty = true,
                AnyOrder = !hasTime && count > 1,
                Gap = hasGaps ? TimeSpan.FromSeconds(StepLength.GapRows / csv.Rate!.Value) : null,
            },
        };
    }

    /// <summary>A missing column would drop all rows of the file.</summary>
    private static void CheckHead(CsvConfig csv, ColumnsConfig columns, string path)
    {
        if (!File.Exists(path)) { return; }       // a followed file may appear later
        var names = CsvSurvey.Names(path, csv.Form);
        var rows = FirstRows(path, csv.Form);
        List<FileColumn> asked = [.. Columns(columns)];
        if (csv.Devices is CsvDevices.OfColumn of) { asked.Add(FileColumn.Class(of.Column)); }
        foreach (var column in asked)
        {
            var found = names.Where(n => n.Name == column.Source).ToList();
            if (found.Count != 1)
            {
                throw new FormatException(
                    $"{path}: expected one column '{column.Source}', got {string.Join(", ", names.Select(static n => n.Name))}");
            }

            if (column.Value == FileValue.Number && CommaIn(rows, names.IndexOf(found[0])) is { } comma)
            {
                throw new FormatException($"{path}: column '{column.Source}' has a decimal comma, '{comma}': set source.csv.decimal: "
                    + "comma");
            }

            if (column.Value == FileValue.Number && found[0].Unit is { } unit && unit != column.Field.Unit)
            {
                throw new FormatException($"{path}: column '{column.Source}' is in {unit}, but 'columns' has {column.Field.Unit}");
            }
        }
    }

    /// <summary>Samples the first rows to detect decimal commas declared as points.</summary>
    private static List<string[]> FirstRows(string path, CsvOptions form) =>
        form.DecimalComma || form.Delimiter == ',' || path.EndsWith(".gz", StringComparison.Ordinal) ? []
            : [.. File.ReadLines(path).Skip(form.SkipLines + (form.Header ? 1 : 0)).Take(RowsSeen).Select(l => l.Split(form.Delimiter))];

    private static string? CommaIn(List<string[]> rows, int place) => rows.Where(v => v.Length > place)
        .Select(v => v[place].Trim('"', ' ')).FirstOrDefault(static v => v.Count(static c => c == ',') == 1
            && double.TryParse(v.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    private static IEnumerable<FileColumn> Columns(ColumnsConfig columns)
    {
        if (columns.Time is { } time) { yield return FileColumn.Time(time.Name, time.Unit!.Value) with { TimeFormat = time.Format }; }
        foreach (var channel in columns.Channels) { yield return FileColumn.Channel(channel.Name, channel.Unit); }
        if (columns.LabelInData is { } label) { yield return FileColumn.Label(label.Name, label.Classes); }
        if (columns.Value is { } value) { yield return value.Column; }
    }

    private static string NameOf(string path)
    {
        var name = Path.GetFileName(path);
        return name.IndexOf('.', 1) is > 0 and var end ? name[..end] : name;
    }
}
