namespace StreamLearn;

/// <summary>An asynchronous function of the program's, as a block calls it: ahead, or waiting for its result.</summary>
internal sealed class AsyncFunction<T, TOut>(Func<T, CancellationToken, ValueTask<TOut>> function, CancellationToken cancellation)
    where T : class
    where TOut : class
{
    internal BegunResult<TOut> Begin(T given, Action over)
    {
        var result = new BegunResult<TOut>(MakeAsync(given));
        result.Await(over);
        return result;
    }

    /// <summary>Calls the function and waits. Where the caller's thread has a context or scheduler of its own, the function gets another
    /// thread: what it awaits would otherwise have to come back to this one.</summary>
    internal TOut Make(T given)
    {
        var isFree = SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default;
        return (isFree ? MakeAsync(given) : Task.Run(() => MakeAsync(given))).GetAwaiter().GetResult();
    }

    /// <summary>Calls the function. If it throws, what it was given ends, unless it ended that itself.</summary>
    private async Task<TOut> MakeAsync(T given)
    {
        try
        {
            return await function(given, cancellation).ConfigureAwait(false);
        }
        catch
        {
            Ownership.TakeBack(given);
            throw;
        }
    }
}

/// <summary>A result to come.</summary>
internal sealed class BegunResult<TOut>(Task<TOut> task) : Begun
    where TOut : class
{
    internal override bool IsOver => task.IsCompleted;

    /// <summary>The result, once it is there.</summary>
    internal TOut Value => task.GetAwaiter().GetResult();

    internal void Await(Action over)
    {
        if (!task.IsCompleted) { task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(over); }
    }

    internal override void End()
    {
        if (task.IsCompletedSuccessfully) { Ownership.End(task.Result); }
        else { _ = task.Exception; }       // seen: nobody is to be told of it
    }
}
