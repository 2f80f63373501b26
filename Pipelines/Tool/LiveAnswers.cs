using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Formats;
using StreamLearn.Operators;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Answers live rows from a program, serial port or topic.</summary>
internal static class LiveAnswers
{
    private const double ArrivalTolerance = 0.5;        // rows arrive in bursts
    private const int MostRows = 16_384;                // maximum rows of a message
    private static readonly TimeSpan MessageGap = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LineGap = TimeSpan.FromSeconds(1);
    internal const string NoTime = "rows get their time of arrival; if a column has the time, use --time t:ms";
    internal static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    internal static async Task<int> RunAsync(FileInfo file, LiveSource source, CancellationToken cancellationToken)
    {
        try
        {
            AnswerFile.RequireName(source.Out);
            var model = WindowModelFile.Read(file.ToString());
            AnswerJob.RequireScores(source.Bound, file, model.Scores);
            var preparation = model.Preparation;
            if (source.Time is null)
            {
                Say(NoTime);
                preparation = preparation with
                {
                    SpanTolerance = ArrivalTolerance,
                    Gap = source.Lines is null ? MessageGap : LineGap,
                };
            }

            if (model.Ahead is { TotalSeconds: var later })
            {
                Say(FormattableString.Invariant($"answers are for {later:0.###} s after their time"));
            }

            var rule = source.Bound is null ? model.Rule : null;      // else the whole model has been judged
            using var answers = new AnswerFile(
                source.Out, AnswerForm.Of(model) with { HasBound = source.Bound is not null, IsLive = true });
            var answering = new Answering(model, rule, "rows", answers)
            {
                Bound = source.Bound is { } coverage ? model.Scores!.At(coverage) : null,
            };
            return await RunAsync(source, preparation, answering, new(model.Classes)
            {
                Pinned = model.Weights,
                Model = model.Answering,
                Leaving = rule,
                Bound = source.Bound is { } share ? new(share, model.Scores!) : null,
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (ProgramException e)
        {
            await Console.Error.WriteLineAsync($"streamlearn: {PrintableText.Of(e.Message)}").ConfigureAwait(false);
            return e.ExitCode;
        }
        catch (LoginFileException e)
        {
            await Console.Error.WriteLineAsync($"streamlearn: {PrintableText.Of(e.Message)}").ConfigureAwait(false);
            return ProgramExit.LoginRefused;
        }
    }

    private static async Task<int> RunAsync(LiveSource source, Preparation preparation, Answering answering,
        AnswerOptions options, CancellationToken cancellationToken)
    {
        var from = source.Topic is { } topic ? EdgeServer.OpenSource(topic.Server, client: null, Kept, source.Login) : null;
        var to = source.To is { } place ? EdgeServer.OpenSource(place.Server, client: null, Kept, source.Login) : null;
        await using var _ = new DisposableGroup([.. new[] { from, to }.OfType<ITransport>()]).ConfigureAwait(false);
        var pipeline = Pipeline.Define("answers", p =>
        {
            var rows = Rows(p, source, preparation.Channels, preparation.RowsPerSecond, from,
                answering.RefuseLine, answering.RefuseMessage);
            var windows = preparation.Windows(preparation.Rows(rows), CheckQualityOptions.SegmentColumn, answering.RefuseWindow);
            var answers = windows.Answer(source.Device, options);
            answers.ForEach("print", answer => answering.Print(answer));
            if (to is not null) { answers.Publish(to, source.To!.Topic, WindowAnswer.Json); }
        });
        var run = pipeline.Start(cancellationToken: CancellationToken.None);
        await using var __ = run.ConfigureAwait(false);
        using var told = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = SayLinksAsync(run, [.. new[] { from, to }.OfType<ITransport>()], told.Token);
        try
        {
            await run.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (answering.WhyNone is { } why) { Say(why); }
            return ExitCode.Done;       // the command ended with exit code 0
        }
        catch (BlockFailedException e)
        {
            throw new ProgramException(e.GetBaseException().Message.ReplaceLineEndings(" "),
                e.GetBaseException() is ProgramException program ? program.ExitCode
                    : e.GetBaseException() is TransportException ? ProgramExit.NoLink : ExitCode.DataRefused);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;        // the normal end: all answers are written
        }
        finally
        {
            await told.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
            answering.SayCounts(run.Metrics["fill"]);
            SayDrops(run);
        }
    }

    internal static void SayDrops(PipelineRun run)
    {
        foreach (var (reason, count) in run.Metrics.Blocks[0].Drops.Where(static d => d.Value > 0))
        {
            Say(FormattableString.Invariant($"dropped as {reason}: {count}"));
        }
    }

    /// <summary><paramref name="rate"/>: rows a second; null: unknown. <paramref name="isUnitKnown"/>: false: a channel without a unit
    /// matches any.</summary>
    internal static Flow<Batch> Rows(PipelineBuilder p, LiveSource source, ImmutableArray<Field> channels, double? rate, ITransport? from,
        Action<RefusedRow> refuseLine, Action<Refusal> refuseMessage, bool isUnitKnown = true)
    {
        var csv = new CsvOptions
        {
            Header = source.Lines is not { BeginsInside: true },
            Columns = [.. Columns(source, channels, isUnitKnown)],
            BatchRows = MostRows,
            SkipBadRows = true,
        };
        var json = new JsonFormat(new()
        {
            Columns = [.. channels.Select(static c => JsonColumn.Channel(c.Name, $"$.{c.Name}", c.Unit))],
            Time = source.Time is { } time ? new($"$.{time.Name}", time.Unit, 0) : null,
        });
        var lines = new LineOptions { Say = Say, OnRefused = refuseLine, EndsWithProgram = true };
        var form = new CsvFormat(csv);
        var options = new SubscribeOptions { SkipRetained = !source.TakesRetained };
        var rows = source switch
        {
            { Lines: { } origin, IsJson: true } => p.FromLines(origin, json, lines),
            { Lines: { } origin } => p.FromLines(origin, csv with { BatchRows = 1024 }, lines),
            _ => p.Subscribe(from!, source.Topic!.Topic, source.IsJson ? new ReportingFormat(json, () => json.LastRefusal, refuseMessage)
                : new ReportingFormat(form, () => form.LastRefusal, refuseMessage), options),
        };
        return source.Time is not null ? rows
            : rows.StampArrival(rate, new(TimeProvider.System, Say));
    }

    /// <summary>Reports why the first messages cannot be read.</summary>
    private sealed class ReportingFormat(ICodec<Batch> format, Func<Refusal> last, Action<Refusal> refuse) : ICodec<Batch>
    {
        public string Name => format.Name;

        public Schema? Schema => format.Schema;

        public void Encode(Batch value, IBufferWriter<byte> buffer) => format.Encode(value, buffer);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value)
        {
            if (format.TryDecode(bytes, pool, out value)) { return true; }
            refuse(last());
            return false;
        }
    }

    private static IEnumerable<FileColumn> Columns(LiveSource source, ImmutableArray<Field> channels, bool isUnitKnown)
    {
        if (source.Time is { } time) { yield return FileColumn.Time(time.Name, time.Unit); }
        foreach (var channel in channels)
        {
            yield return FileColumn.Channel(channel.Name, channel.Unit, nullable: true) with
            {
                AnyUnit = !isUnitKnown && channel.Unit == Unit.One,
            };
        }
    }

    private static void Say(string text) => Console.Error.WriteLine(PrintableText.Of($"streamlearn: {text}"));

    /// <summary>Reports lost and restored servers, and retained messages once.</summary>
    internal static async Task SayLinksAsync(PipelineRun run, ITransport[] transports, CancellationToken cancellationToken)
    {
        var hasSaid = false;
        var wasConnected = new bool[transports.Length];
        Array.Fill(wasConnected, true);
        using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!hasSaid && run.Metrics.Blocks[0].Drops.GetValueOrDefault("retained") is > 0 and var retained)
                {
                    hasSaid = true;
                    Say(FormattableString.Invariant($"retained messages skipped: {retained}; --retained take reads them"));
                }

                for (var i = 0; i < transports.Length; i++)
                {
                    var isConnected = EdgeServer.IsConnected(transports[i]);
                    if (isConnected == wasConnected[i] || (!isConnected && EdgeServer.LastFault(transports[i]).Length == 0)) { continue; }
                    wasConnected[i] = isConnected;
                    Say(isConnected ? $"{transports[i].Name} is connected"
                        : $"{transports[i].Name} is not reachable: {EdgeServer.LastFault(transports[i])}; trying again");
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
