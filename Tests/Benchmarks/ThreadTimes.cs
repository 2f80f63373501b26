namespace Benchmarks;

/// <summary>Processor time by thread of this process. Source: Linux, <c>/proc/self/task/*/schedstat</c>, first field,
/// nanoseconds.</summary>
internal static class ThreadTimes
{
    private const string Tasks = "/proc/self/task";

    internal static Dictionary<string, long> Read()
    {
        Dictionary<string, long> times = new(StringComparer.Ordinal);
        if (!Directory.Exists(Tasks)) { return times; }
        foreach (var task in Directory.GetDirectories(Tasks))
        {
            try { times[task] = long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture); }
            catch (IOException)
            {
                times.Remove(task);      // the thread has ended meanwhile
            }
        }
        return times;
    }

    internal static IReadOnlyList<TimeSpan> Since(Dictionary<string, long> before) =>
        [.. Read().Select(t => TimeSpan.FromMicroseconds((t.Value - before.GetValueOrDefault(t.Key)) / 1000))
            .Where(t => t > TimeSpan.FromMilliseconds(1)).OrderDescending()];
}
