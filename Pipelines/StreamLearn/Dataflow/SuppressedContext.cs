namespace StreamLearn;

/// <summary>Starts tasks and timers without the caller's execution context (activity, culture, <see cref="AsyncLocal{T}"/>).</summary>
internal static class SuppressedContext
{
    private static readonly ExecutionContext? Empty = OfNewThread();

    internal static void Do(Action action)
    {
        var context = ExecutionContext.Capture();       // null: the flow of the context is suppressed
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
