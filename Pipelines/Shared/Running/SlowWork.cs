namespace StreamLearn.Programs;

/// <summary>Reports startup work that takes longer than a second.</summary>
internal static class SlowWork
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    internal static T Measure<T>(Func<T> work) =>
        Do("measuring the time of each layer of the model, for the planner", Console.Out.WriteLine, TimeProvider.System, work);

    internal static T Do<T>(string what, Action<string> say, TimeProvider time, Func<T> work)
    {
        using var timer = time.CreateTimer(_ => say(what), null, Quiet, Timeout.InfiniteTimeSpan);
        return work();
    }
}
