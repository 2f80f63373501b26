using System.Threading.Channels;
using StreamLearn;

namespace TauDemo;

/// <summary>A node of a fleet over a server, in a process of its own, in real time.</summary>
internal sealed class LinkedNode
{
    private const int MostLines = 40;
    private const int MostNews = 64;

    private readonly TauLink _link;
    private readonly TauFleetSettings _settings;
    private readonly int _number;
    private readonly Channel<NodeNews> _news = Channel.CreateBounded<NodeNews>(
        new BoundedChannelOptions(MostNews) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private PipelineRun? _run;
    private int _told;      // rows that have been told of

    /// <summary>Makes it; nothing runs yet.</summary>
    /// <param name="link">How it reaches the others.</param>
    /// <param name="settings">The fleet.</param>
    /// <param name="number">Which node it is, from 0.</param>
    internal LinkedNode(TauLink link, TauFleetSettings settings, int number) => (_link, _settings, _number) = (link, settings, number);

    private string Name => TauParts.NameOf(_number);

    /// <summary>Learns until the aggregator says that the fleet has ended.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlockFailedException">A block failed.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var parts = new TauParts(_settings);
        var link = _link.Open();
        await using var _ = link.ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var end = HearEndAsync(link, ending.Token);
        var telling = TellAsync(link, ending.Token);
        var pipeline = TauPipelines.Node(Name, parts.Node(parts.Own(_number), Note), link, _link.Topics);
        var run = pipeline.Start(new RunOptions { Seed = _settings.Seed }, CancellationToken.None);
        await using var __ = run.ConfigureAwait(false);
        Volatile.Write(ref _run, run);
        try
        {
            var first = await Task.WhenAny(end, run.Completion, telling).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(end, telling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The first node tells of each update, with what went before it; all tell when they have other rows.</summary>
    private void Note(string line)
    {
        if (Volatile.Read(ref _run) is not { } run) { return; }
        lock (_lock)
        {
            if (_number == 0) { _lines.Enqueue(line); }
            if (_lines.Count > MostLines) { _lines.Dequeue(); }
            var gauges = run.Metrics[TauPipelines.RowsBlock].Gauges;
            var classes = RowsByCase.CountsOf(gauges);
            var rows = classes.Sum();
            if (rows == _told && (_number > 0 || !line.StartsWith("sent", StringComparison.Ordinal))) { return; }
            _told = rows;
            _news.Writer.TryWrite(new(Name, (int)gauges.GetValueOrDefault("case"), classes, [.. _lines]));
            _lines.Clear();
        }
    }

    private async Task TellAsync(ITransport link, CancellationToken cancellationToken)
    {
        var news = Pipeline.Define($"{Name}-news", p => p.Input<NodeNews>("news")
            .Publish(link, TauTopics.NewsOf(_link.Fleet, Name), NodeNews.Codec));
        var run = news.Start(new(), CancellationToken.None);
        await using var _ = run.ConfigureAwait(false);
        await foreach (var next in _news.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await run.SendAsync("news", next, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task HearEndAsync(ITransport link, CancellationToken cancellationToken)
    {
        await foreach (var message in link.SubscribeAsync(_link.Topics.End!.Value, new(), cancellationToken).ConfigureAwait(false))
        {
            using (message) { message.Acknowledge(); }
            return;
        }
    }
}
