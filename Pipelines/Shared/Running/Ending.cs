using System.Runtime.InteropServices;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>Ends a program: gracefully at the first SIGTERM or SIGINT, immediately at the second.</summary>
internal sealed class Ending : IDisposable
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SameLineEvery = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _forced = new();
    private readonly PosixSignalRegistration[] _signals;

    public Ending() => _signals =
        [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear), PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear)];

    public static async Task<int> RepeatAsync(Func<Task<int?>> run)
    {
        while (true)
        {
            if (await run().ConfigureAwait(false) is { } exit) { return exit; }
        }
    }

    public bool IsAsked => _asked.IsCancellationRequested;

    public CancellationToken Asked => _asked.Token;

    public void End() => _ = _asked.CancelAsync();

    public void EndAfter(TimeSpan? time)
    {
        if (time is { } some) { _asked.CancelAfter(some); }
    }

    /// <summary>Runs pipelines until all end, one fails, or the program is asked to end; then saves or drains them. Writes a status line on
    /// each change, at most every second and at least every minute.</summary>
    public async Task<int> WaitAsync(IReadOnlyList<PipelineRun> runs, Func<string> line, TimeSpan? drain = null, DrainMark? mark = null,
        Func<CancellationToken, Task<PipelineRun>>? next = null)
    {
        using var over = new CancellationTokenSource();
        await using var _ = _asked.Token.Register(() => Console.Out.WriteLine(drain is { } time
            ? FormattableString.Invariant($"stopping: finishing the work in progress, within {time.TotalSeconds} s")
            : "stopping: saving; the next start resumes from here")).ConfigureAwait(false);
        var lines = ShowAsync(line, over.Token);
        try
        {
            return await WaitAsync(runs, drain, mark, next).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await lines.ConfigureAwait(false);
            Console.Out.WriteLine(line());
        }
    }

    public void Dispose()
    {
        foreach (var signal in _signals) { signal.Dispose(); }
        _asked.Dispose();
        _forced.Dispose();
    }

    private static async Task ShowAsync(Func<string> line, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LineEvery, TimeProvider.System);
        var (shown, shownAt) = ("", TimeProvider.System.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                var now = line();
                if (now == shown && TimeProvider.System.GetElapsedTime(shownAt) < SameLineEvery) { continue; }
                (shown, shownAt) = (now, TimeProvider.System.GetTimestamp());
                Console.Out.WriteLine(now);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Drains for at most ten seconds.</summary>
    public Task<int> WaitAsync(IReadOnlyList<PipelineRun> runs) => WaitAsync(runs, TimeToEnd, mark: null, next: null);

    /// <summary>Finishes an interrupted drain of an earlier start, within the drain time or ten seconds.</summary>
    public async Task<int?> FinishAsync(IReadOnlyList<PipelineRun> runs, TimeSpan? drain, DrainMark? mark)
    {
        Console.Out.WriteLine("finishing what the last drain left; then starting from scratch");
        var exit = await EndAsync(runs, drain ?? TimeToEnd, mark).ConfigureAwait(false);
        return exit == ProgramExit.Done && !IsAsked ? null : exit;
    }

    private async Task<int> WaitAsync(
        IReadOnlyList<PipelineRun> runs, TimeSpan? drain, DrainMark? mark, Func<CancellationToken, Task<PipelineRun>>? next)
    {
        List<Task> open = [.. runs.Select(static r => r.Completion)];
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = _asked.Token.Register(asked.SetResult).ConfigureAwait(false);
        var coming = next?.Invoke(_asked.Token);
        while (open.Count > 0 || coming is not null)
        {
            var ended = await Task.WhenAny([.. open, asked.Task, .. coming is null ? Array.Empty<Task>() : [coming]]).ConfigureAwait(false);
            if (ended == asked.Task || ended.IsCanceled && ended == coming) { break; }
            if (ended == coming && ended.IsCompletedSuccessfully)
            {
                open.Add((await coming.ConfigureAwait(false)).Completion);
                coming = next!(_asked.Token);
                continue;
            }

            open.Remove(ended);
            if (!ended.IsFaulted) { continue; }
            await EndAsync(runs, drain: null, mark: null).ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }

        return open.Count == 0 ? ProgramExit.Done : await EndAsync(runs, drain, mark).ConfigureAwait(false);
    }

    private async Task<int> EndAsync(IReadOnlyList<PipelineRun> runs, TimeSpan? drain, DrainMark? mark)
    {
        List<PipelineRun> open = [.. runs.Where(static r => !r.Completion.IsCompleted)];
        if (drain is not null) { mark?.Set(open); }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_forced.Token);
        var time = drain ?? TimeToEnd;
        patience.CancelAfter(time);
        try
        {
            await Task.WhenAll(open.Select(r =>
                drain is null ? SaveAsync(r).WaitAsync(patience.Token) : r.DrainAsync(patience.Token))).ConfigureAwait(false);
            if (drain is not null) { mark?.Clear(open); }
            return ProgramExit.Done;
        }
        catch (OperationCanceledException)
        {
            if (_forced.IsCancellationRequested) { return ProgramExit.Interrupted; }
            Console.Out.WriteLine(FormattableString.Invariant(
                $"not everything was finished within {time.TotalSeconds} s; the next start ")
                + (drain is null || mark is null ? "resumes from the saved state" : "finishes it and then starts from scratch"));
            return ProgramExit.DrainTimedOut;
        }
    }

    private static async Task SaveAsync(PipelineRun run)
    {
        try
        {
            await run.StopAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // It ended or failed in this moment and is saved as it was.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException(
                $"{run.Pipeline.Name} could not be saved and will resume from its previous checkpoint: "
                    + $"{e.Message.ReplaceLineEndings(" ")}",
                ProgramExit.DiskFailed, e);
        }
    }

    private void Hear(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_asked.IsCancellationRequested) { _forced.Cancel(); }
        else { _asked.Cancel(); }
    }
}
