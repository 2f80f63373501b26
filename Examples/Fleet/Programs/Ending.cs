using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>How a program ends: at the first SIGTERM or SIGINT in good order, at the second at once.</summary>
public sealed class Ending : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _forced = new();
    private readonly PosixSignalRegistration[] _signals;

    /// <summary>Begins to listen for signals.</summary>
    public Ending() => _signals =
        [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear), PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear)];

    /// <summary>Canceled when the program is asked to end.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Canceled when it is asked again.</summary>
    public CancellationToken Forced => _forced.Token;

    /// <summary>Runs pipelines until all have ended or the program is asked to end; then drains them.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="limit">Time to drain.</param>
    /// <param name="until">Ends the program like a signal; default never.</param>
    /// <returns>What the program ends with.</returns>
    public async Task<int> WaitAsync(IReadOnlyList<PipelineRun> runs, TimeSpan limit, CancellationToken until = default)
    {
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(_asked.Token, until);
        var all = Task.WhenAll(runs.Select(static r => r.Completion));
        var ended = new TaskCompletionSource();
        await using var _ = asked.Token.Register(ended.SetResult).ConfigureAwait(false);
        if (await Task.WhenAny(all, ended.Task).ConfigureAwait(false) == all)
        {
            await all.ConfigureAwait(false);
            return ProgramExit.Done;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_forced.Token);
        patience.CancelAfter(limit);
        try
        {
            await Task.WhenAll(runs.Select(r => r.DrainAsync(patience.Token))).ConfigureAwait(false);
            return ProgramExit.Done;
        }
        catch (OperationCanceledException)
        {
            return _forced.IsCancellationRequested ? ProgramExit.Interrupted : ProgramExit.DrainTimedOut;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var signal in _signals) { signal.Dispose(); }
        _asked.Dispose();
        _forced.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_asked.IsCancellationRequested) { _forced.Cancel(); }
        else { _asked.Cancel(); }
    }
}
