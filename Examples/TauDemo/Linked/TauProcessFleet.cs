using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>A fleet over a server, as its aggregator sees it: in this process, in real time.</summary>
internal sealed class TauProcessFleet : IReportedFleet, IAsyncDisposable
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);

    private readonly TauTopics _topics;
    private readonly ITransport _transport;
    private readonly Action<string> _heard;
    private readonly RoundReporter _reporter;
    private readonly PipelineRun _run;
    private readonly Channel<bool> _rounds = Channel.CreateUnbounded<bool>();       // true: the last one
    private readonly ConcurrentDictionary<string, NodeNews> _nodes = new(StringComparer.Ordinal);
    private long _begun;        // when the first version was made; 0: it was not

    private TauProcessFleet(TauLink link, TauTopics topics, TauFleetSettings settings, Action<string> heard)
    {
        (_topics, _transport, _heard) = (topics, link.Open(), heard);
        _reporter = new(settings, this);
        var part = new TauParts(settings).Aggregator(work: 0, Note, _reporter.AddAggregatorLine);
        _run = LinkedPipelines.Aggregator(part, settings.Case, _transport, topics, Hear)
            .Start(new RunOptions { Seed = settings.Seed }, CancellationToken.None);
    }

    /// <inheritdoc />
    public TimeSpan Elapsed => Volatile.Read(ref _begun) is var begun and not 0 ? TimeProvider.System.GetElapsedTime(begun) : TimeSpan.Zero;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, double> Gauges => _run.Metrics[TauPipelines.AggregateBlock].Gauges;

    /// <inheritdoc />
    public long Restarts => _run.Metrics[TauPipelines.AggregateBlock].Counter(RoundReporter.RestartsCounter);

    /// <inheritdoc />
    public double AddedSeconds => _run.Metrics[TauPipelines.DelayBlock].Gauges.GetValueOrDefault(Delay<Weights>.Gauge);

    /// <summary>Starts the aggregator; done when the server keeps for it what nodes send.</summary>
    /// <param name="link">How it reaches the others.</param>
    /// <param name="topics">The topics of the run.</param>
    /// <param name="settings">The fleet.</param>
    /// <param name="heard">Told the name of a node when it is heard.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TransportException">The server does not take its messages.</exception>
    internal static async Task<TauProcessFleet> StartAsync(
        TauLink link, TauTopics topics, TauFleetSettings settings, Action<string> heard, CancellationToken cancellationToken)
    {
        var fleet = new TauProcessFleet(link, topics, settings, heard);
        try
        {
            await fleet.SubscribedAsync(topics.Updates, LinkedPipelines.UpdatesBlock, cancellationToken).ConfigureAwait(false);
            await fleet.SubscribedAsync(topics.News, LinkedPipelines.NewsBlock, cancellationToken).ConfigureAwait(false);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public int CaseOf(int node) => _nodes.GetValueOrDefault(TauParts.NameOf(node))?.Case ?? 0;

    /// <inheritdoc />
    public ImmutableArray<int> ClassesOf(int node) =>
        _nodes.GetValueOrDefault(TauParts.NameOf(node))?.Classes ?? [.. new int[TauRows.KindCount]];

    /// <summary>Gives a command. Nodes hear of it with the next version.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal ValueTask GiveAsync(DemoCommand command, CancellationToken cancellationToken) =>
        _run.SendAsync(LinkedPipelines.CommandsInput, command, cancellationToken);

    /// <summary>Waits for the rounds until the budget is spent.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each round when it has ended.</returns>
    /// <exception cref="BlockFailedException">A block failed.</exception>
    internal async IAsyncEnumerable<RoundReport> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var hasEnded = false; !hasEnded;)
        {
            hasEnded = await NextAsync(cancellationToken).ConfigureAwait(false);
            foreach (var report in _reporter.Take()) { yield return report; }
        }
    }

    /// <summary>Waits for the rounds until the budget is spent, for one who shows them.</summary>
    /// <param name="every">How often at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The rounds that have ended since; of their versions the newest is judged.</returns>
    /// <exception cref="BlockFailedException">A block failed.</exception>
    internal async IAsyncEnumerable<ImmutableArray<RoundReport>> RunAsync(
        TimeSpan every, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var hasEnded = false; !hasEnded;)
        {
            hasEnded = await NextAsync(cancellationToken).ConfigureAwait(false);
            yield return [.. _reporter.Take(judgesAll: false)];
            if (!hasEnded) { await Task.Delay(every, TimeProvider.System, cancellationToken).ConfigureAwait(false); }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _run.DisposeAsync().ConfigureAwait(false);
        await _transport.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Sends something that is no message until the subscription has dropped it: then the server knows of it.</summary>
    private async Task SubscribedAsync(Topic filter, string block, CancellationToken cancellationToken)
    {
        Topic topic = filter.Value.Replace("+", "check", StringComparison.Ordinal);
        for (var number = 1; _run.Metrics[block].Drops.Values.Sum() == 0; number++)
        {
            if (_run.Completion.IsCompleted) { await _run.Completion.ConfigureAwait(false); }
            await _transport.PublishAsync(topic, default, new(new("check", number)), cancellationToken).ConfigureAwait(false);
            await Task.Delay(AskAgain, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a round has ended that was not waited for.</summary>
    /// <returns>True if there will be no other one.</returns>
    private async Task<bool> NextAsync(CancellationToken cancellationToken)
    {
        var next = _rounds.Reader.WaitToReadAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(next, _run.Completion).ConfigureAwait(false) != next) { await _run.Completion.ConfigureAwait(false); }
        await next.ConfigureAwait(false);
        var hasEnded = false;
        while (_rounds.Reader.TryRead(out var isLast)) { hasEnded |= isLast; }
        return hasEnded;
    }

    private void Note(Round round)
    {
        if (_begun == 0) { Volatile.Write(ref _begun, TimeProvider.System.GetTimestamp()); }
        _reporter.Add(round);
        _rounds.Writer.TryWrite(round.IsLast);
    }

    private void Hear(NodeNews news)
    {
        _heard(news.Node);
        _nodes[news.Node] = news;
        foreach (var line in news.Lines) { _reporter.AddNodeLine(line); }
    }
}
