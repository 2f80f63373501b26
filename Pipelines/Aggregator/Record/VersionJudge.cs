using StreamLearn.Learning;
using StreamLearn.Models;

namespace Aggregator;

/// <summary>Judges versions by rows from which no device learns, beside the pipeline: the newest that there is, and not all of them where
/// they come faster.</summary>
internal sealed class VersionJudge(IModel model, RecordedRows unseen, Action<VersionScore> judged) : IAsyncDisposable
{
    /// <summary>Of a processor, it takes a quarter at most: a pause is three times as long as the judging before it.</summary>
    private const int PauseFactor = 3;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _judging = new();
    private readonly CancellationTokenSource _ending = new();
    private Weights? _newest;
    private long? _judgedVersion;
    private Task _loop = Task.CompletedTask;

    /// <summary>Offers a version. The caller goes on at once.</summary>
    internal void Offer(Weights version) => Volatile.Write(ref _newest, version);

    /// <summary>Begins to judge.</summary>
    internal void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Judges the newest version, if that has not been done.</summary>
    internal void JudgeNewest()
    {
        lock (_judging)
        {
            if (Volatile.Read(ref _newest) is not { } version || version.Version == _judgedVersion) { return; }
            var score = Evaluation.Of(model, version, new(unseen.Features.Span, unseen.Labels.Span));
            _judgedVersion = version.Version;
            judged(new(version.Version, score.Accuracy, score.Loss));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_ending.IsCancellationRequested)
            {
                var begun = TimeProvider.System.GetTimestamp();
                JudgeNewest();
                var pause = PauseFactor * TimeProvider.System.GetElapsedTime(begun);
                await Task.Delay(pause < ShortestPause ? ShortestPause : pause, TimeProvider.System, _ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
