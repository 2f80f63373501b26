using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StreamLearn.Hosting;

/// <summary>Starts one pipeline with the host, reports how it ends, and drains it when the host stops.</summary>
internal sealed class HostedPipeline(
    string name, Func<Pipeline> define, Func<StreamLearnOptions> options, IHostApplicationLifetime application, ILogger logger)
    : IHostedService, IDisposable, IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource<PipelineRun> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _ended = Task.CompletedTask;
    private StreamLearnOptions _options = new();
    private int _state = (int)RunState.NotStarted;
    private int _disposed;
    private bool _gaveUp;

    internal string Name => name;

    internal RunState State => (RunState)Volatile.Read(ref _state);

    internal BlockFailedException? Failure { get; private set; }

    internal Task<PipelineRun> Started => _started.Task;

    /// <summary>The run; null before it has started.</summary>
    internal PipelineRun? Run { get; private set; }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _options = options();
        var pipeline = define();
        var run = pipeline.Start(_options.Run, _cancel.Token);
        Become(RunState.Running);
        HostLog.Started(logger, name, pipeline.Nodes.Length, pipeline.Edges.Length);
        _ended = WatchAsync(run);
        Run = run;
        _started.SetResult(run);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Run is not { } run) { return; }
        if (Interlocked.CompareExchange(ref _state, (int)RunState.Draining, (int)RunState.Running) == (int)RunState.Running)
        {
            await DrainAsync(run, cancellationToken).ConfigureAwait(false);
        }

        // A call that never returns holds the run up, but not the host beyond its own time-out.
        await _ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _gaveUp = !_ended.IsCompleted;
    }

    /// <summary>Cancels the run if it still goes.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) { return; }
        _cancel.Cancel();
        _cancel.Dispose();
        _started.TrySetCanceled();
    }

    /// <summary>Cancels the run if it still goes, and waits until every block has given back what it held.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (!_gaveUp) { await _ended.ConfigureAwait(false); }
    }

    private async Task DrainAsync(PipelineRun run, CancellationToken hostGivesUp)
    {
        var (timeout, clock) = (_options.DrainTimeout, _options.Run.TimeProvider);
        HostLog.Draining(logger, name, timeout);
        using var time = new CancellationTokenSource(timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, hostGivesUp);
        var drain = run.DrainAsync(CancellationToken.None);

        // How the run ends is reported by who watches it.
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
