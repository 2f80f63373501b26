namespace StreamLearn;

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

    /// <summary>Calls the function and waits; on another thread if the caller has a context or a scheduler, to avoid a deadlock.</summary>
    internal TOut Make(T given)
    {
        var isFree = SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default;
        return (isFree ? MakeAsync(given) : Task.Run(() => MakeAsync(given))).GetAwaiter().GetResult();
    }

    private async Task<TOut> MakeAsync(T given)
    {
        try { return await function(given, cancellation).ConfigureAwait(false); }
        catch
        {
            Ownership.TakeBack(given);
            throw;
        }
    }
}

internal sealed class BegunResult<TOut>(Task<TOut> task) : Begun
    where TOut : class
{
    internal override bool IsOver => task.IsCompleted;

    internal TOut Value => task.GetAwaiter().GetResult();

    internal void Await(Action over)
    {
        if (!task.IsCompleted) { task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(over); }
    }

    internal override void End()
    {
        if (task.IsCompletedSuccessfully) { Ownership.End(task.Result); }
        else { _ = task.Exception; }       // observes the exception, which is not needed
    }
}
