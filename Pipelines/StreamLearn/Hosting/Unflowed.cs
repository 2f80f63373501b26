namespace StreamLearn;

/// <summary>Does things of which tasks and timers do not take over the caller's execution context: its activity, its culture, its
/// <see cref="AsyncLocal{T}"/> values are not those of the blocks.</summary>
internal static class Unflowed
{
    internal static void Do(Action action)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            action();
            return;
        }

        using var _ = ExecutionContext.SuppressFlow();
        action();
    }
}
