using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Formats;
using StreamLearn.Operators;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

internal sealed class LiveRun : IAsyncDisposable
{
    internal const string NoTime = "rows get their time of arrival; if a column has the time, use --time t:ms";

    private const int MostRows = 16_384;                // maximum rows per message
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly LiveSource _source;
    private readonly ITransport? _from;
    private readonly ITransport? _to;
    private readonly ITransport[] _servers;
    private bool _hasTimes;

    internal LiveRun(LiveSource source)
    {
        (_source, _from, _to) = (source, Open(source.Topic), Open(source.To));
        _servers = [.. new[] { _from, _to }.OfType<ITransport>()];

        ITransport? Open(TopicAddress? at) =>
            at is null ? null : EdgeServer.OpenSource(at.Server, client: null, Kept, source.Login);
    }

    public ValueTask DisposeAsync() => new DisposableGroup(_servers).DisposeAsync();

    /// <summary><paramref name="like"/>: the form of the rows learned from; null: the usual one. <paramref name="rate"/>: rows per second;
    /// null if unknown. <paramref name="refuse"/>: receives why a row is left out. <paramref name="isUnitKnown"/>: false to let a channel
    /// without a unit match any unit.</summary>
    internal Flow<Batch> Rows(PipelineBuilder p, ImmutableArray<Field> channels, CsvOptions? like, double? rate, Action<string> refuse,
        bool isUnitKnown = true)
    {
        var csv = _source.Form.Over(like, _source.Lines is { BeginsInside: true }) with
        {
            Columns = [.. Columns(channels, isUnitKnown)],
            BatchRows = MostRows,
            SkipBadRows = true,
        };
        var json = new JsonFormat(new()
        {
            Columns = [.. channels.Select(static c => JsonColumn.Channel(c.Name, $"$.{c.Name}", c.Unit))],
            Time = _source.Time is { } time ? new($"$.{time.Name}", time.Unit, 0) : null,
        });
        var expected = string.Join(", ", csv.Columns.Select(static c => c.Source));
        if (csv.Names.Count > 0 && csv.Columns.FirstOrDefault(c => csv.Names.Count(n => n == c.Source) != 1) is { } other)
        {
            throw new ProgramException($"--columns: expected '{other.Source}' once among {string.Join(", ", csv.Names)}; the columns are "
                + expected, ExitCode.BadCommandLine);
        }

        var lines = new LineOptions
        {
            Say = Say,
            OnRefused = row => refuse((row.Reason != FileFault.BadHeader ? $": {row}"
                : $": {row.File}:{row.Line}: expected the columns {expected}; got "
                    + string.Join($"{csv.Delimiter} ", row.Text.Trim().Split(csv.Delimiter)))
                + FormAdvice.Of(row, _source.IsJson ? null : csv, isOption: true)),
            EndsWithProgram = true,
        };
        var options = new SubscribeOptions { SkipRetained = !_source.TakesRetained };
        var rows = _source switch
        {
            { Lines: { } origin, IsJson: true } => p.FromLines(origin, json, lines),
            { Lines: { } origin } => p.FromLines(origin, csv with { BatchRows = 1024 }, lines),
            _ => p.Subscribe(_from!, _source.Topic!.Topic, _source.IsJson ? new ReportingFormat(json, form: null, refuse)
                : new ReportingFormat(new CsvFormat(csv), csv, refuse), options),
        };
        return _source.Time is not null ? rows.Filter("times", SayDoubt)
            : rows.StampArrival(rate, new(TimeProvider.System, Say));
    }

    /// <summary>Says once that times are hardly dates; takes all rows.</summary>
    private bool SayDoubt(Batch batch)
    {
        if (_hasTimes || batch.Rows == 0) { return true; }
        _hasTimes = true;
        var (name, unit, _) = _source.Time!.Value;
        var at = batch[Schema.TimeColumn].Values<long>()[0] / 1e9;
        if (TimeDoubts.OfDates(name, at, at, unit, TimeProvider.System.GetUtcNow(), other => $"--time {name}:{other}") is { } doubt)
        {
            Say(doubt);
        }

        return true;
    }

    internal void Publish<T>(Flow<T> results, ICodec<T> codec)
        where T : class
    {
        if (_to is not null) { results.Publish(_to, _source.To!.Topic, codec); }
    }

    /// <summary>Runs until interrupted, the normal end, or until the command ends with exit code 0. <paramref name="done"/>: the exit code
    /// of that. <paramref name="ended"/>: called in any case.</summary>
    internal async Task<int> RunAsync(
        Pipeline pipeline, Func<int> done, Action<PipelineRun> ended, CancellationToken cancellationToken)
    {
        var run = pipeline.Start(cancellationToken: CancellationToken.None);
        await using var _ = run.ConfigureAwait(false);
        using var notices = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var links = SayLinksAsync(run, notices.Token);
        try
        {
            await run.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            return done();
        }
        catch (BlockFailedException e)
        {
            throw new ProgramException(e.GetBaseException().Message.ReplaceLineEndings(" "),
                e.GetBaseException() is ProgramException program ? program.ExitCode
                    : e.GetBaseException() is TransportException ? ProgramExit.NoLink : ExitCode.DataRefused);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            await notices.CancelAsync().ConfigureAwait(false);
            await links.ConfigureAwait(false);
            ended(run);
            foreach (var (reason, count) in run.Metrics.Blocks[0].Drops.Where(static d => d.Value > 0))
            {
                Say(FormattableString.Invariant($"dropped as {reason}: {count}"));
            }
        }
    }

    internal static void Say(string text) => Console.Error.WriteLine(PrintableText.Of($"streamlearn: {text}"));

    private IEnumerable<FileColumn> Columns(ImmutableArray<Field> channels, bool isUnitKnown)
    {
        if (_source.Time is { } time) { yield return FileColumn.Time(time.Name, time.Unit) with { TimeFormat = time.Format }; }
        foreach (var channel in channels)
        {
            yield return FileColumn.Channel(channel.Name, channel.Unit, nullable: true) with
            {
                AnyUnit = !isUnitKnown && channel.Unit == Unit.One,
            };
        }
    }

    /// <summary>Reports lost and restored servers, and once each retained messages.</summary>
    private async Task SayLinksAsync(PipelineRun run, CancellationToken cancellationToken)
    {
        var hasSaid = false;
        var wasConnected = new bool[_servers.Length];
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

                for (var i = 0; i < _servers.Length; i++)
                {
                    var isConnected = EdgeServer.IsConnected(_servers[i]);
                    if (isConnected == wasConnected[i] || (!isConnected && EdgeServer.LastFault(_servers[i]).Length == 0)) { continue; }
                    wasConnected[i] = isConnected;
                    Say(isConnected ? $"{_servers[i].Name} is connected"
                        : $"{_servers[i].Name} is not reachable: {EdgeServer.LastFault(_servers[i])}; trying again");
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Reports why the first messages cannot be read.</summary>
    private sealed class ReportingFormat(PayloadFormat format, CsvOptions? form, Action<string> refuse) : ICodec<Batch>
    {
        public string Name => format.Name;

        public Schema? Schema => format.Schema;

        public void Encode(Batch value, IBufferWriter<byte> buffer) => format.Encode(value, buffer);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value)
        {
            if (format.TryDecode(bytes, pool, out value)) { return true; }
            var advice = FormAdvice.Of(format, form, isOption: true);
            refuse($" a message: {format.LastRefusal}, got '{PrintableText.Of(format.LastRefusedText)}'{advice}");
            return false;
        }
    }
}
