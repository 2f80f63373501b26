using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>Generates a configuration from files, as the Quickstart interprets them.</summary>
internal static class CsvInit
{
    private const string OneClassEach =
        "classes   each device has rows of one class: its accuracy says little, and with adjust_logits it would learn nothing; all take "
        + "the same number of steps, together";

    internal const string Later = ", later: true }   # windows wait for what streamlearn label sends; keep: 64MiB, wait: 7d";

    private static readonly string[] LaterNames = ["state", "label", "class", "later"];

    internal static string Text(TableOptions options, string? model = null, bool watches = false, ImmutableArray<string>? later = null) =>
        $"{Of(options, model, watches, later)}";

    /// <summary><paramref name="later"/>: classes of labels that come later, empty for those of the files; null: no such labels.</summary>
    internal static InitText Of(TableOptions options, string? model = null, bool watches = false, ImmutableArray<string>? later = null)
    {
        OwnColumns look;
        var start = model is null || ModelConfig.KindOf(model) is not null ? null : ModelConfig.Of(model);
        try
        {
            look = watches ? LookToWatch.At(options)
                : FirstLook.At(options with { EachRow = start?.Samples == 1, OneRate = start?.RowsPerSecond is null });
        }
        catch (ProgramException e)
        {
            throw new FormatException(e.Message, e);
        }

        if (watches) { return Watching(look); }
        if (later is { IsEmpty: false } classes) { look = WithLabel(look, classes); }
        if (look.LabelIsPart)
        {
            throw new FormatException($"--csv: the label is a part of the file names, '{look.Label}', which only streamlearn fit "
                + "supports: a sensor needs a label column");
        }

        if (!look.Missing.IsEmpty)
        {
            throw new FormatException($"--csv: missing: {string.Join("; ", look.Missing)}"
                + (look.Label is null && look.Target is null ? "; --watch writes a configuration that detects anomalies only" : ""));
        }

        if (!look.Unfit.IsEmpty) { throw new FormatException($"--csv: {string.Join("; ", look.Unfit)}"); }
        if (start is { Columns.IsEmpty: false }) { look = look with { Channels = ChannelsOf(look, start) }; }
        var runs = FileRuns.Of(later is { IsEmpty: false } ? look with { Label = null } : look);
        if (model is not null && ModelConfig.KindOf(model) == ModelKind.Rocket)
        {
            throw new FormatException("--model: expected a model file for rocket, which 'streamlearn fit --model rocket' writes");
        }

        var samples = start?.Samples ?? WindowSamples.Of(look.Rate!.Value, runs.Labels);
        var target = TargetOf(look, start, runs);
        var hasRate = start?.RowsPerSecond is not { } learned || look.Time is not { } time || start.Samples == 1
            || TimesSeen.Of(look.Files, time, look.DeviceIsPart ? null : look.Device, look.Devices, isFirstOnly: false).Steps
                .All(s => PacedRows.IsSame(1 / s.Seconds, learned));        // without, rows are resampled
        return new InitText(Source(look, hasRate),
            Columns(look with { Classes = ClassesOf(look, start) }, runs, target, isLater: later is not null), OwnUnits(look), samples,
            new(look.Channels.Length, samples, ClassesOf(look, start).Length, ModelConfig.Default.Seed)
            {
                Kind = start?.Kind ?? KindOf(model),
                Hop = start?.Hop ?? Math.Max(1, samples / 2),
                Path = start?.Path,
                RowsPerSecond = hasRate ? null : start!.RowsPerSecond,      // an aggregator has no rows that say it
                Target = target,
            })
        {
            Seen = [.. look.Slow, .. look.Reasons, .. runs.HasOneClassEach ? new[] { OneClassEach } : []],
            Stuck = StuckTime.Of(look.Rate),
            AdjustLogits = target is not null || later is not null || runs is { HasEvenClasses: true, HasOneClassEach: false },
            InStep = runs.HasOneClassEach ? look.Devices.Length : null,
            StepsPerWindow = StepsPerWindow(runs.Labels.Sum() / Math.Max(1, samples / 2), look.Devices.Length),
        };
    }

    /// <summary>Gives the look a label that is not in the files.</summary>
    private static OwnColumns WithLabel(OwnColumns look, ImmutableArray<string> classes) => look with
    {
        Label = look.Label is { } known && !look.LabelIsPart ? known : LaterName(n => look.Files.Columns.Any(c => c.Source == n)),
        LabelIsPart = false,
        Classes = classes,
        Missing = [.. look.Missing.Where(static m => !m.StartsWith(AnswerRole.ALabel, StringComparison.Ordinal))],
    };

    /// <summary>Returns a name for labels that come later, which no column of the rows has.</summary>
    internal static string LaterName(Func<string, bool> isTaken) => LaterNames.First(n => !isTaken(n) || n == LaterNames[^1]);

    private static InitText Watching(OwnColumns look)
    {
        List<string> columns = look.Time is { } time ? [TimeOf(time)] : [];
        var (still, whose) = (FileRuns.Of(look).Still, look.DeviceIsPart ? null : look.Device);
        var rate = look.Time is { } of ? TimesSeen.Of(look.Files, of, whose, look.Devices, isFirstOnly: false).StepRate : look.Rate;
        columns.AddRange(look.Channels.Select((c, at) => $"{InitText.Quoted(c.Source)}: "
            + Channel(c.Field.Unit, still[at], rate is { } rows ? StuckTime.Of(still[at], rows) : null)));
        var counts = new long[look.FilePerDevice ? look.Files.Set.Files.Length : 1];
        _ = OwnReader.Read(look.Files, new(look.Channels[..1]) { SamplesPerSecond = 1, FileColumn = OwnForm.FileOfRow }, batch =>
        {
            foreach (var file in batch[OwnForm.FileOfRow].Values<int>()) { counts[look.FilePerDevice ? file : 0]++; }
        });
        var least = look.FilePerDevice ? counts.Min() : counts[0] / look.Devices.Length;
        var learn = LearnRowsOf(least, look.Channels.Length);
        return new InitText(Source(look, hasRate: look.Time is null), columns, OwnUnits(look), 1, ModelConfig.Default)
        {
            Watches = true,
            LearnRows = learn,
            Seen = least > learn ? look.Reasons
                : [.. look.Reasons, "noted     all rows of a device are used as its baseline: no row of these files is scored"],
        };
    }

    /// <summary>Half of a device's rows, rounded, between the minimum for T² and the default.</summary>
    private static int LearnRowsOf(long rows, int channels)
    {
        var half = Math.Min(rows / 2, new AnomalyOptions().LearnRows);
        var unit = (long)Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(Math.Max(1, half))) - 1));
        return (int)Math.Max(half / unit * unit, AnomalyWatch.MinLearnRows(AnomalyWatch.Rules[0].Rule, channels, hasThreshold: false));
    }

    /// <summary>Returns the range of the target, from rows or the initial model; null for classes.</summary>
    private static TargetConfig? TargetOf(OwnColumns look, ModelConfig? start, FileRuns runs)
    {
        if (look.Target is not { Source: var name, Field.Unit: var unit })
        {
            return start?.Target is not { } value ? null
                : throw new FormatException($"--model: expected --target {OwnColumns.Quoted(value.Name)}, the value that the model "
                    + $"predicts");
        }

        if (start is not null)
        {
            return start.Target is { } value && (value.Name, value.Unit) == (name, unit) ? value : throw new FormatException(
                $"--model: expected a model of '{name}', got one of {(start.Target is { } other ? $"'{other.Name}'" : "classes")}");
        }

        return runs.Range is var (low, high) && low < high ? new(name, unit, low, high)
            : throw new FormatException($"--target: all values of column '{name}' are the same");
    }

    private static ImmutableArray<FileColumn> ChannelsOf(OwnColumns look, ModelConfig start) => [.. start.Columns.Select(column =>
        look.Channels.FirstOrDefault(c => c.Field.Name == column.Name && c.Field.Unit == column.Unit)
            ?? throw new FormatException($"--model: expected a column {OwnColumns.TextOf(column)}, which the model was trained on; got "
                + string.Join(", ", look.Channels.Select(static c => OwnColumns.TextOf(c.Field)))))];

    private static ImmutableArray<string> ClassesOf(OwnColumns look, ModelConfig? start) =>
        start is not null && look.Classes.All(start.Labels.Contains) ? start.Labels : look.Classes;

    /// <summary><c>auto</c> selects features for files, whose columns and rate are known.</summary>
    private static ModelKind KindOf(string? word) => word is null ? ModelKind.Conv
        : ModelConfig.KindOf(word) is { } kind and not ModelKind.Auto ? kind : ModelKind.Features;

    /// <summary>Aims at ten thousand steps in total, at most eight per window to avoid overfitting. In larger fleets, where each device has
    /// fewer windows and versions are averaged, it aims at 2,500 steps per device, at most 32 per window.</summary>
    private static int StepsPerWindow(int windows, int devices) => Math.Max(
        Math.Clamp(10_000 / Math.Max(1, windows), 1, 8), devices == 1 ? 1 : Math.Clamp(2_500 * devices / Math.Max(1, windows), 1, 32));

    private static List<string> Source(OwnColumns look, bool hasRate = true)
    {
        var form = ((OwnCsv)look.Files).Form;
        List<string> lines = ["csv:", $"  files: {InitText.Quoted(look.Pattern)}"];
        if (form.Delimiter != ',') { lines.Add($"  delimiter: {DelimiterWords.Of(form.Delimiter)}"); }
        if (form.Encoding is { } encoding) { lines.Add($"  encoding: {EncodingWords.Of(encoding)}"); }
        if (form.SkipLines > 0)
        {
            lines.Add($"  skip: {InitText.Number(form.SkipLines)}                         # lines before the header");
        }

        if (form.Comment is { } comment) { lines.Add($"  comment: {InitText.Quoted(comment.ToString())}"); }
        if (!form.Header) { lines.Add("  header: false                   # columns are c0, c1, and so on"); }
        if (form.Missing.Count > CsvOptions.DefaultMissing.Count)
        {
            lines.Add($"  missing: {InitText.List([.. form.Missing.Skip(CsvOptions.DefaultMissing.Count)])}");
        }

        if (form.DecimalComma) { lines.Add("  decimal: comma                  # 1,5 means 1.5"); }
        if (form.Delimiter != ',') { lines.Add("  # mqtt, nats, command and serial take these keys for live rows of csv"); }
        lines.Add("  device: " + (look.DeviceIsPart ? $"{{ part: {InitText.Quoted(look.Device!)} }}"
            : look.Device is not null ? $"{{ column: {InitText.Quoted(look.Device)} }}   # each distinct value is a device"
            : look.FilePerDevice ? "{ each: file }" : "{ name: device }"));
        if (hasRate)
        {
            lines.Add($"  rate: {InitText.Number(look.Rate!.Value)}/s                      # "
                + (look.Time is null ? "rows are evenly spaced" : "a gap of more than 3.5 rows starts a new window"));
        }

        lines.Add("  speed: 0                        # 0: without a pause; 1: as fast as recorded; 10: ten times as fast");
        lines.Add("  # follow: true                  # for one file with named devices: keep reading rows as they are written");
        return lines;
    }

    private static List<string> Columns(OwnColumns look, FileRuns runs, TargetConfig? target, bool isLater)
    {
        List<string> lines = [];
        if (look.Time is { } time) { lines.Add(TimeOf(time)); }
        lines.AddRange(look.Channels.Select((c, at) => $"{InitText.Quoted(c.Source)}: "
            + Channel(c.Field.Unit, runs.Still[at], StuckTime.Of(runs.Still[at], look.Rate!.Value))));
        lines.Add(target is null ? $"{InitText.Quoted(look.Label!)}: {{ label: {InitText.List(look.Classes)}"
                + (isLater ? Later : " }")
            : string.Create(CultureInfo.InvariantCulture, $"{InitText.Quoted(target.Name)}: {{ target: [{target.Low}, {target.High}]")
                + (target.Unit == Unit.One ? " }" : $", unit: {InitText.Quoted(target.Unit.Symbol)} }}"));
        return lines;
    }

    private static List<string> OwnUnits(OwnColumns look) =>
        [.. look.Channels.Select(static c => c.Field.Unit.Symbol).Where(static u => !Units.Known.Contains(u)).Distinct()];

    private static string TimeOf(FileColumn time)
    {
        var word = time.TimeFormat is { } format ? InitText.Quoted(format) : TimeDoubts.Symbol(time.TimeUnit);
        return $"{InitText.Quoted(time.Source)}: {{ time: {word} }}";
    }

    private static string Channel(Unit unit, int still, TimeSpan? stuck)
    {
        List<string> keys = [];
        if (unit != Unit.One) { keys.Add($"unit: {InitText.Quoted(unit.Symbol)}"); }
        if (stuck is { } time) { keys.Add($"stuck: {StuckTime.Text(time)}"); }
        return (keys.Count == 0 ? "{}" : $"{{ {string.Join(", ", keys)} }}")
            + (stuck is null ? "" : $"   # its value stays the same for {Printable.Rows(still)}");
    }
}
