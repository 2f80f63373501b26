namespace StreamLearn.Tests;

/// <summary>A service that answers when the test says so: with the number asked, plus a thousand.</summary>
internal sealed class AskedService
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, TaskCompletionSource> _open = [];
    private readonly List<int> _asked = [];
    private int _under;

    /// <summary>Most calls that were under way at once.</summary>
    internal int Most { get; private set; }
    internal int Canceled;

    internal int Open
    {
        get { lock (_lock) { return _open.Count; } }
    }

    internal int[] Asked
    {
        get { lock (_lock) { return [.. _asked]; } }
    }

    internal async ValueTask<Batch> AskAsync(Batch batch, CancellationToken cancellationToken)
    {
        var number = Blocks.Number(batch);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _asked.Add(number);
            _open[number] = answer;
            Most = Math.Max(Most, ++_under);
        }
        try { await answer.Task.WaitAsync(cancellationToken); }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref Canceled);
            throw;
        }
        finally
        {
            lock (_lock) { _under--; }
        }
        var answered = batch.ToWritable();
        answered.Channels[0].Writable<float>()[0] += 1000;
        return answered;
    }

    internal void Answer(int number, Exception? failure = null)
    {
        TaskCompletionSource? answer;
        lock (_lock) { Assert.True(_open.Remove(number, out answer), $"{number} is not asked"); }
        if (failure is null) { answer.SetResult(); }
        else { answer.SetException(failure); }
    }

    /// <summary>Answers one of the open calls, whichever; false if there is none.</summary>
    /// <param name="random">Which.</param>
    /// <param name="fails">Numbers whose calls fail.</param>
    internal bool TryAnswerAny(Random random, Func<int, bool>? fails = null)
    {
        int number;
        lock (_lock)
        {
            if (_open.Count == 0) { return false; }
            number = _open.Keys.ElementAt(random.Next(_open.Count));
        }
        Answer(number, fails?.Invoke(number) == true ? new InvalidOperationException($"no {number}") : null);
        return true;
    }

    /// <summary>Answers calls in random order until the run has ended.</summary>
    internal async Task AnswerAllAsync(PipelineRun run, Random random, Func<int, bool>? fails = null) => await Eventually.TrueAsync(() =>
    {
        while (TryAnswerAny(random, fails)) { }
        return run.Completion.IsCompleted;
    });
}
