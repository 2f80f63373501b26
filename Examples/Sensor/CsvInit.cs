using StreamLearn;
using StreamLearn.Files;
using StreamLearn.Fleets;
using StreamLearn.Formats;
using StreamLearn.OwnData;

namespace Sensor;

/// <summary>Writes a configuration for somebody's files: what the Quickstart sees in them.</summary>
internal static class CsvInit
{
    private const int RowsLookedAt = 200_000;       // for how long labels last

    /// <summary>Looks at files, and writes it.</summary>
    /// <param name="options">The files, and what is known of them.</param>
    /// <exception cref="FormatException">They cannot be read, or something is missing that only an option can say.</exception>
    internal static string Text(LookOptions options)
    {
        OwnColumns look;
        try
        {
            look = FirstLook.At(options);
        }
        catch (ProgramException e)
        {
            throw new FormatException(e.Message, e);
        }

        if (!look.Missing.IsEmpty) { throw new FormatException($"--csv: missing: {string.Join("; ", look.Missing)}"); }
        if (!look.Unfit.IsEmpty) { throw new FormatException($"--csv: {string.Join("; ", look.Unfit)}"); }
        var samples = WindowSamples.Of(look.Rate!.Value, LabelRuns(look));
        return new InitText(Source(look), Columns(look),
            [.. look.Channels.Select(static c => c.Field.Unit.Symbol).Where(static u => !Units.Known.Contains(u)).Distinct()],
            samples, new(look.Channels.Length, samples, look.Classes.Length, ModelConfig.Default.Seed))
        {
            Seen = look.Reasons,
        }.ToString();
    }

    private static List<string> Source(OwnColumns look)
    {
        var form = ((OwnCsv)look.Files).Form;
        var delimiter = form.Delimiter switch { ';' => "semicolon", '\t' => "tab", '|' => "bar", _ => "comma" };
        List<string> lines = ["csv:", $"  files: {InitText.Quoted(look.Pattern)}"];
        if (form.Delimiter != ',') { lines.Add($"  delimiter: {delimiter}"); }
        if (form.DecimalComma) { lines.Add("  decimal: comma                  # 1,5 is one and a half"); }
        lines.Add("  device: " + (look.DeviceIsPart ? $"{{ part: {InitText.Quoted(look.Device!)} }}"
            : look.Device is not null ? $"{{ column: {InitText.Quoted(look.Device)} }}   # each text in it is a device"
            : look.FilePerDevice ? "{ each: file }" : "{ name: device }"));
        lines.Add($"  rate: {InitText.Number(look.Rate!.Value)}/s                      # "
            + (look.Time is null ? "rows come evenly" : "a longer step than 3.5 rows parts windows"));
        lines.Add("  speed: 0                        # 0: without a pause; 1: as fast as recorded; 10: ten times as fast");
        lines.Add("  # follow: true                  # of one file with named devices: go on with the rows that are written to it");
        return lines;
    }

    private static List<string> Columns(OwnColumns look)
    {
        List<string> lines = [];
        if (look.Time is { } time) { lines.Add($"{InitText.Quoted(time.Source)}: {{ time: {WordOf(time.TimeUnit)} }}"); }
        lines.AddRange(look.Channels.Select(static c => $"{InitText.Quoted(c.Source)}: "
            + (c.Field.Unit == Unit.One ? "{}" : $"{{ unit: {InitText.Quoted(c.Field.Unit.Symbol)} }}")));
        lines.Add($"{InitText.Quoted(look.Label!)}: {{ label: {InitText.List(look.Classes)} }}");
        return lines;
    }

    /// <summary>The word of a unit of time.</summary>
    internal static string WordOf(TimeUnit unit) => unit switch
    {
        TimeUnit.Seconds => "s",
        TimeUnit.Milliseconds => "ms",
        TimeUnit.Microseconds => "us",
        TimeUnit.Nanoseconds => "ns",
        _ => "iso8601",
    };

    /// <summary>How many rows in a row of a device have one label.</summary>
    private static List<int> LabelRuns(OwnColumns look)
    {
        List<FileColumn> columns = [FileColumn.Label(look.Label!, look.Classes)];
        if (look is { Device: { } device, DeviceIsPart: false })
        {
            columns.Add(FileColumn.Class("whose", look.Devices) with { Source = device });
        }

        Dictionary<(int File, int Device), (int Label, int Rows)> open = [];
        List<int> runs = [];
        OwnReader.Read(look.Files, new(columns) { FileColumn = "file of the row" }, batch =>
        {
            var labels = batch[Schema.LabelColumn];
            for (var row = 0; row < batch.Rows; row++)
            {
                var key = (batch["file of the row"].Values<int>()[row], columns.Count > 1 ? batch["whose"].Values<int>()[row] : 0);
                var label = labels.IsValid(row) ? labels.Values<int>()[row] : -1;
                if (open.TryGetValue(key, out var run) && run.Label == label) { open[key] = (label, run.Rows + 1); }
                else
                {
                    if (run is { Label: >= 0, Rows: > 0 }) { runs.Add(run.Rows); }
                    open[key] = (label, 1);
                }
            }
        }, RowsLookedAt);
        runs.AddRange(open.Values.Where(static r => r.Label >= 0).Select(static r => r.Rows));
        return runs;
    }
}
