using System.Collections.Immutable;
using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool;

internal static class WatchLive
{
    private const string Head = "event,since,time,score,channel,alerts";

    internal static async Task<int> RunAsync(
        TableOptions look, TableWatchOptions options, LiveSource source, TextWriter output, TextWriter error,
        CancellationToken cancellationToken)
    {
        var usual = options.Usual is { } files ? LookToWatch.At(FileWatch.LookAtUsual(files, look)) : null;
        ImmutableArray<Field> channels = usual is not null
            ? [.. usual.Channels.Select(static c => new Field(c.Source, ColumnType.Float32, c.Field.Unit))]
            : [.. look.Channels.Select(ChannelOf)];
        ImmutableArray<string> names = [.. channels.Select(static c => c.Name)];
        var (detector, ranges) = usual is null
            ? new(options.DetectorOf("watch", names.Length, rows: null, isAllUsual: false), new(names.Length))
            : FileWatch.Taught(options, look.Form, usual.Channels, devices: 1)[0];
        using var scores = source.Out is { } file ? WatchFiles.Open(file, isLive: true) : null;
        var watching = new Watching(source.Device, detector, options, names, hasTime: true)
        {
            Ranges = ranges,
            Scored = scores is null ? null : score => scores.WriteLine(ScoreFile.Line(score, hasTime: true)),
        };
        scores?.WriteLine(ScoreFile.Head(hasDevices: true, hasTime: true));
        output.WriteLine(Head);
        if (source.Time is null) { await error.WriteLineAsync($"streamlearn: {LiveRun.NoTime}").ConfigureAwait(false); }
        if (watching.Caveat is { } caveat) { await error.WriteLineAsync($"streamlearn: {caveat}").ConfigureAwait(false); }
        var live = new LiveRun(source);
        await using var _ = live.ConfigureAwait(false);
        var refusals = new LeftOutRows(error);
        var pipeline = Pipeline.Define("watch", p =>
        {
            var alerts = live.Rows(p, channels, (usual?.Files as OwnCsv)?.Form, rate: null, why => refusals.Add(why), isUnitKnown: false)
                .Via("watch", new WatchBlock(watching, error),
                    static (WatchBlock block, OperatorContext context, IOutput<AnomalyAlert> alerts) => new WatchRows(block, alerts));
            alerts.ForEach("print", alert => output.WriteLine(Line(alert)));
            live.Publish(alerts, AnomalyAlert.Json);
        });
        try
        {
            return await live.RunAsync(pipeline, () =>
            {
                if (watching.Rows > 0) { return ExitCode.Done; }
                error.WriteLine("streamlearn: no row could be read");
                return ExitCode.DataRefused;
            }, run => refusals.SayCount(""), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var line in watching.Summary()) { error.WriteLine($"streamlearn: {PrintableText.Of(line)}"); }
        }
    }

    private static Field ChannelOf(string text)
    {
        var (name, unit) = CsvSurvey.NameOf(text);
        return new(name, ColumnType.Float32, unit ?? Unit.One);
    }

    private static string Line(AnomalyAlert alert) => string.Create(CultureInfo.InvariantCulture,
        $"{(alert.IsOver ? "end" : "begin")},{TimeText.Of(alert.Since.UtcDateTime)},{TimeText.Of(alert.Time.UtcDateTime)},")
        + string.Create(CultureInfo.InvariantCulture, $"{alert.Score},{PrintableText.Of(alert.Channel)},{alert.Alerts}");
}

internal sealed record WatchBlock(Watching Watching, TextWriter Error) : IBlockOptions
{
    internal const int MaxEvents = 256;

    public int MaxOutputsPerCall => MaxEvents;

    public override string ToString() => "";
}

/// <summary>Scores rows; emits at most 256 changes per batch.</summary>
internal sealed class WatchRows(WatchBlock block, IOutput<AnomalyAlert> output) : Operator<Batch>
{
    private bool _hasLearned = block.Watching.Threshold is not null;

    public override void Process(Batch input)
    {
        using (input)
        {
            var emitted = 0;
            for (var row = 0; row < input.Rows; row++)
            {
                var change = block.Watching.Add(input, row);
                if (block.Watching.Jump is { } jump) { block.Error.WriteLine($"streamlearn: {jump}"); }
                if (change != EpisodeChange.None && emitted++ < WatchBlock.MaxEvents) { output.Emit(block.Watching.Alert); }
                if (_hasLearned || block.Watching.Threshold is not { } threshold) { continue; }
                _hasLearned = true;
                block.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"streamlearn: learned the baseline; alert above a score of {threshold:G6}"));
            }
        }
    }
}
