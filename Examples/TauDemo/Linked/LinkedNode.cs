using System.Collections.Immutable;
using System.Text.Json;
using StreamLearn;

namespace TauDemo;

/// <summary>A node of a run of a fleet over a server, in a process of its own, in real time.</summary>
internal sealed class LinkedNode : IDisposable
{
    private const int MostLines = 40;
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    private readonly TauLink _link;
    private readonly TauTopics _topics;
    private readonly TauFleetSettings _settings;
    private readonly int _number;
    private readonly SemaphoreSlim _toTell = new(0);
    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private PipelineRun? _run;
    private (int Case, ImmutableArray<int> Classes) _told = (0, []);

    /// <summary>Makes it; nothing runs yet.</summary>
    /// <param name="link">How it reaches the others.</param>
    /// <param name="topics">The topics of the run.</param>
    /// <param name="settings">The fleet.</param>
    /// <param name="number">Which node it is, from 0.</param>
    internal LinkedNode(TauLink link, TauTopics topics, TauFleetSettings settings, int number) =>
        (_link, _topics, _settings, _number) = (link, topics, settings, number);

    private string Name => TauParts.NameOf(_number);

    /// <summary>Learns until the run has ended.</summary>
    /// <param name="ended">Done when it has.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlockFailedException">A block failed.</exception>
    internal async Task RunAsync(Task ended, CancellationToken cancellationToken)
    {
        var parts = new TauParts(_settings);
        var link = _link.Open();
        await using var _ = link.ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = LinkedPipelines.Node(Name, parts.Node(parts.Own(_number), Note), link, _topics)
            .Start(new RunOptions { Seed = _settings.Seed }, CancellationToken.None);
        await using var __ = run.ConfigureAwait(false);
        Volatile.Write(ref _run, run);
        var telling = TellAsync(link, run, ending.Token);
        try
        {
            var first = await Task.WhenAny(ended, run.Completion, telling).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _toTell.Dispose();

    private static (int Case, ImmutableArray<int> Classes) RowsOf(PipelineRun run)
    {
        var gauges = run.Metrics[TauPipelines.RowsBlock].Gauges;
        return ((int)gauges.GetValueOrDefault("case"), CaseRows.CountsOf(gauges));
    }

    /// <summary>The first node tells of each update at once, with what went before it; all tell at once of other rows.</summary>
    private void Note(string line)
    {
        if (Volatile.Read(ref _run) is not { } run) { return; }
        lock (_lock)
        {
            if (_number == 0) { _lines.Enqueue(line); }
            if (_lines.Count > MostLines) { _lines.Dequeue(); }
            var isUpdate = _number == 0 && line.StartsWith("sent", StringComparison.Ordinal);
            if ((isUpdate || HasOtherRows(run)) && _toTell.CurrentCount == 0) { _toTell.Release(); }
        }
    }

    private bool HasOtherRows(PipelineRun run)
    {
        var (dataCase, classes) = RowsOf(run);
        return dataCase != _told.Case || !classes.AsSpan().SequenceEqual(_told.Classes.AsSpan());
    }

    /// <summary>Says that it is there, and what there is to tell, each second at least.</summary>
    private async Task TellAsync(ITransport link, PipelineRun run, CancellationToken cancellationToken)
    {
        var (topic, source) = (_topics.NewsOf(Name), $"{Name}/news");
        var epoch = TimeProvider.System.GetUtcNow().UtcTicks;
        for (var number = 1; ; number++)
        {
            byte[] news;
            lock (_lock)
            {
                _told = RowsOf(run);
                news = JsonSerializer.SerializeToUtf8Bytes(
                    new NodeNews(Name, _told.Case, _told.Classes, [.. _lines]), NewsJson.Default.NodeNews);
                _lines.Clear();
            }

            PublishOptions options = new(new(source, number, epoch));
            var bytes = Envelope.Seal(topic, new(news), options, TimeProvider.System.GetUtcNow());
            await link.PublishAsync(topic, bytes, options, cancellationToken).ConfigureAwait(false);
            await _toTell.WaitAsync(TellEvery, cancellationToken).ConfigureAwait(false);
        }
    }
}
