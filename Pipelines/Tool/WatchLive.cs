using System.Collections.Immutable;
using StreamLearn.Formats;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

internal static class WatchLive
{
    private const string Head = "event,since,time,score,channel,alerts";

    internal static async Task<int> RunAsync(
        LookOptions look, TableWatchOptions options, LiveSource source, TextWriter output, TextWriter error,
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
        if (source.Time is null) { await error.WriteLineAsync($"streamlearn: {LiveAnswers.NoTime}").ConfigureAwait(false); }
        if (watching.Caveat is { } caveat) { await error.WriteLineAsync($"streamlearn: {caveat}").ConfigureAwait(false); }
        var from = source.Topic is { } topic ? EdgeServer.OpenSource(topic.Server, client: null, LiveAnswers.Kept, source.Login) : null;
        var to = source.To is { } place ? EdgeServer.OpenSource(place.Server, client: null, LiveAnswers.Kept, source.Login) : null;
        var servers = new[] { from, to }.OfType<ITransport>().ToArray();
        await using var _ = new DisposableGroup(servers).ConfigureAwait(false);
        var refusals = new LeftOutRows(error);
        var expected = string.Join(", ", source.Time is { } time ? names.Insert(0, time.Name) : names);
        var pipeline = Pipeline.Define("watch", p =>
        {
            var alerts = LiveAnswers.Rows(p, source, channels, rate: null, from,
                    row => refusals.Add(WhyLeftOut(row, expected)), refusal => refusals.Add($" a message: {refusal}"), isUnitKnown: false)
                .Via("watch", new WatchBlock(watching, error),
                    static (WatchBlock block, OperatorContext context, IOutput<AnomalyAlert> alerts) => new WatchRows(block, alerts));
            alerts.ForEach("print", alert => output.WriteLine(Line(alert)));
            if (to is not null) { alerts.Publish(to, source.To!.Topic, AnomalyAlert.Json); }
        });
        var run = pipeline.Start(cancellationToken: CancellationToken.None);
        await using var __ = run.ConfigureAwait(false);
        using var told = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connections = LiveAnswers.SayLinksAsync(run, servers, told.Token);
        try
        {
            await run.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (watching.Rows > 0) { return ExitCode.Done; }       // the command ended with exit code 0
            await error.WriteLineAsync("streamlearn: no row could be read").ConfigureAwait(false);
            return ExitCode.DataRefused;
        }
        catch (BlockFailedException e)
        {
            throw new ProgramException(e.GetBaseException().Message.ReplaceLineEndings(" "),
                e.GetBaseException() is ProgramException program ? program.ExitCode
                    : e.GetBaseException() is TransportException ? ProgramExit.NoLink : ExitCode.DataRefused);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;        // the normal end
        }
        finally
        {
            await told.CancelAsync().ConfigureAwait(false);
            await connections.ConfigureAwait(false);
            refusals.SayCount("");
            LiveAnswers.SayDrops(run);
            foreach (var line in watching.Summary()) { error.WriteLine($"streamlearn: {PrintableText.Of(line)}"); }
        }
    }

    /// <summary>Parses <c>temperature [Cel]</c>.</summary>
    private static Field ChannelOf(string text) => text.EndsWith(']') && text.IndexOf(" [", StringComparison.Ordinal) is > 0 and var at
        ? new(text[..at].TrimEnd(), ColumnType.Float32, new(text[(at + 2)..^1])) : new(text, ColumnType.Float32, Unit.One);

    private static string WhyLeftOut(RefusedRow row, string expected) => row.Reason != FileFault.BadHeader ? $": {row}"
        : $": {row.File}:{row.Line}: expected the columns {expected}; got {row.Text.Trim().Replace(",", ", ")}";

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
