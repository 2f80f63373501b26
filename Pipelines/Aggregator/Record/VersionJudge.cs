using StreamLearn.Learning;
using StreamLearn.Models;

namespace Aggregator;

/// <summary>Evaluates the newest version on held-out rows, in parallel with the pipeline; skips versions if they arrive faster.</summary>
internal sealed class VersionJudge(IModel model, RecordedRows unseen, Action<VersionScore> judged) : IAsyncDisposable
{
    /// <summary>A pause of three times the work limits it to a quarter of a processor.</summary>
    private const int PauseFactor = 3;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _judging = new();
    private readonly CancellationTokenSource _ending = new();
    private Weights? _newest;
    private long? _judgedVersion;
    private Task _loop = Task.CompletedTask;

    /// <summary>Returns immediately.</summary>
    internal void Offer(Weights version) => Volatile.Write(ref _newest, version);

    internal void Start() => _loop = Task.Run(RunAsync);

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
