namespace StreamLearn;

/// <summary>Settings of <c>MapAsync</c>; the function itself is not compared.</summary>
/// <param name="Parallelism">Calls that may be under way at once.</param>
/// <param name="Columns">The columns of the batches that come out, where they change.</param>
internal sealed record MapAsyncOptions(int Parallelism, Schema? Columns) : IBlockOptions
{
    /// <inheritdoc />
    public Schema Output(Schema input) => Columns ?? input;

    /// <inheritdoc />
    public override string ToString() => $"parallelism {Parallelism}";
}

/// <summary>Takes in order what an asynchronous function made of the messages. Where the host has not begun the function's call ahead, it
/// is made here, and waited for.</summary>
internal sealed class MapAsync<T, TOut>(
    MapAsyncOptions options, Func<T, CancellationToken, ValueTask<TOut>> map, OperatorContext context, IOutput<TOut> output)
    : Operator<T>, IBeginsAhead, IDisposable
    where T : class
    where TOut : class
{
    private Made? _next;

    int IBeginsAhead.MaxBegun => options.Parallelism;

    Begun IBeginsAhead.Begin(object item, Action over)
    {
        var made = new Made(MakeAsync((T)item));
        made.Await(over);
        return made;
    }

    void IBeginsAhead.Take(Begun work) => _next = (Made)work;

    public override void Process(T input)
    {
        if (_next is not { } made)
        {
            output.Emit(Make(input));
            return;
        }

        _next = null;
        output.Emit(made.Result);
        (input as IOwned)?.Dispose();      // the function had a handle of its own
    }

    /// <summary>Ends a result of which the call was never made.</summary>
    public void Dispose()
    {
        _next?.End();
        _next = null;
    }

    /// <summary>Calls the function and waits. Where the caller's thread has a context or scheduler of its own, the function gets another
    /// thread: what it awaits would otherwise have to come back to this one.</summary>
    private TOut Make(T input)
    {
        var isFree = SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default;
        return (isFree ? MakeAsync(input) : Task.Run(() => MakeAsync(input))).GetAwaiter().GetResult();
    }

    /// <summary>Calls the function. If it throws, what it was given ends, unless it ended that itself.</summary>
    private async Task<TOut> MakeAsync(T given)
    {
        try
        {
            return await map(given, context.Cancellation).ConfigureAwait(false);
        }
        catch
        {
            Ownership.TakeBack(given);
            throw;
        }
    }

    private sealed class Made(Task<TOut> task) : Begun
    {
        internal override bool IsOver => task.IsCompleted;

        internal TOut Result => task.GetAwaiter().GetResult();

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
}
