namespace StreamLearn;

/// <summary>Does things of which tasks and timers do not take over the caller's execution context: its activity, its culture, its
/// <see cref="AsyncLocal{T}"/> values are not those of the blocks.</summary>
internal static class Unflowed
{
    /// <summary>The context in which nothing is set: where it is the caller's, nothing flows, and nothing has to be suppressed.</summary>
    private static readonly ExecutionContext? Empty = OfNewThread();

    internal static void Do(Action action)
    {
        var context = ExecutionContext.Capture();       // null: the flow is suppressed
        if (context is null || context == Empty)
        {
            action();
            return;
        }

        using var _ = ExecutionContext.SuppressFlow();
        action();
    }

    private static ExecutionContext? OfNewThread()
    {
        ExecutionContext? context = null;
        var thread = new Thread(() => context = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return context;
    }
}
