namespace StreamLearn.Programs;

/// <summary>Work before a program runs. The program says what it does if that takes longer than a second.</summary>
internal static class SlowWork
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>Does it. <paramref name="what"/>: what is said of it, once.</summary>
    internal static T Do<T>(string what, Action<string> say, TimeProvider time, Func<T> work)
    {
        using var timer = time.CreateTimer(_ => say(what), null, Quiet, Timeout.InfiniteTimeSpan);
        return work();
    }
}
