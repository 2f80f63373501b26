using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StreamLearn.Hosting;

internal sealed class HostedPipeline(
    string name, Func<Pipeline> define, Func<StreamLearnOptions> options, IHostApplicationLifetime application, ILogger logger)
    : IHostedService, IDisposable, IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource<PipelineRun> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _ended = Task.CompletedTask;
    private StreamLearnOptions _options = new();
    private int _state = (int)RunState.NotStarted;
    private int _disposed;
    private bool _gaveUp;

    internal string Name => name;

    internal RunState State => (RunState)Volatile.Read(ref _state);

    internal BlockFailedException? Failure { get; private set; }

    internal Task<PipelineRun> Started => _started.Task;

    internal PipelineRun? Run { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _options = options();
        var pipeline = define();
        var run = pipeline.Start(_options.Run, _cancel.Token);
        Become(RunState.Running);
        HostLog.Started(logger, name, run.Metrics.Blocks.Length, run.Metrics.Edges.Length);
        if (_options.Run.StartFrom is { PassedOver: [var damaged, ..] } from) { HostLog.PassedOver(logger, name, from.Number, damaged); }
        _ended = WatchAsync(run);
        Run = run;
        _started.SetResult(run);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Run is not { } run) { return; }
        var saves = _options.Run.Checkpoints is not null;
        var ending = saves ? RunState.Saving : RunState.Draining;
        if (Interlocked.CompareExchange(ref _state, (int)ending, (int)RunState.Running) == (int)RunState.Running)
        {
            await (saves ? SaveAsync(run, cancellationToken) : DrainAsync(run, cancellationToken)).ConfigureAwait(false);
        }

        // A call that never returns blocks the run, but blocks the host only until its time-out.
        await _ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _gaveUp = !_ended.IsCompleted;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) { return; }
        _cancel.Cancel();
        _cancel.Dispose();
        _started.TrySetCanceled();
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (!_gaveUp) { await _ended.ConfigureAwait(false); }
    }

    /// <summary>Saves and stops the run so that another can resume it; cancels it if saving fails.</summary>
    private async Task SaveAsync(PipelineRun run, CancellationToken hostGivesUp)
    {
        var (timeout, clock) = (_options.DrainTimeout, _options.Run.TimeProvider);
        using var time = new CancellationTokenSource(timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, hostGivesUp);
        var saving = run.StopAsync();
        try
        {
            var saved = await saving.WaitAsync(limit.Token).ConfigureAwait(false);
            HostLog.Saved(logger, name, saved.Number, saved.SizeBytes);
            _saved.SetResult(true);
            return;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            HostLog.NotSaved(logger, e, name, run.LastCheckpoint?.Number ?? 0);
        }
        catch (InvalidOperationException)
        {
            // The run ended by itself; its watcher reports the result.
        }

        _saved.SetResult(false);
        await _cancel.CancelAsync().ConfigureAwait(false);
        await ((Task)saving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DrainAsync(PipelineRun run, CancellationToken hostGivesUp)
    {
        var (timeout, clock) = (_options.DrainTimeout, _options.Run.TimeProvider);
        HostLog.Draining(logger, name, timeout);
        using var time = new CancellationTokenSource(timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, hostGivesUp);
        var drain = run.DrainAsync(CancellationToken.None);

        // The watcher reports the result.
        await drain.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (drain.IsCompleted) { return; }
        var fullest = run.Metrics.Edges.MaxBy(e => (double)e.Queued / e.Options.CapacityMessages);
        HostLog.DrainTimedOut(logger, name, fullest?.Name ?? "none", fullest?.Queued ?? 0);
        await _cancel.CancelAsync().ConfigureAwait(false);
    }

    private async Task WatchAsync(PipelineRun run)
    {
        try
        {
            await run.Completion.ConfigureAwait(false);
            Become(RunState.Finished);
            HostLog.Finished(logger, name);
            if (_options.StopApplicationWhenFinished) { Stop(HostLog.StoppingWhenFinished); }
        }
        catch (BlockFailedException failure)
        {
            Failure = failure;
            Become(RunState.Failed);
            HostLog.Failed(logger, failure, name, failure.Block, failure.Item);
            if (!_options.StopApplicationOnFailure) { return; }
            if (Environment.ExitCode == 0) { Environment.ExitCode = 1; }
            Stop(HostLog.StoppingOnFailure);
        }
        catch (OperationCanceledException)
        {
            if (State == RunState.Saving && await _saved.Task.ConfigureAwait(false))
            {
                Become(RunState.Saved);
                return;
            }

            Become(RunState.Canceled);
            HostLog.Canceled(logger, name);
        }
    }

    private void Stop(Action<ILogger, string> report)
    {
        if (application.ApplicationStopping.IsCancellationRequested) { return; }
        report(logger, name);
        application.StopApplication();
    }

    private void Become(RunState state) => Volatile.Write(ref _state, (int)state);
}
