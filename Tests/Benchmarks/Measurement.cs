namespace Benchmarks;

/// <summary>One repeat.</summary>
/// <param name="Value">The number in the case's unit.</param>
/// <param name="CpuValue">The same from the processor time of the whole process: what it costs, whoever else uses the machine.</param>
/// <param name="AllocatedBytes">Bytes allocated by the whole process, per operation.</param>
internal readonly record struct Sample(double Value, double CpuValue, double AllocatedBytes)
{
    /// <summary>Processor time of each thread that had any, the busiest first; empty where the system does not tell.</summary>
    internal IReadOnlyList<TimeSpan> Threads { get; init; } = [];

    /// <summary>More that a case has to say, by name; null for most.</summary>
    internal IReadOnlyDictionary<string, double>? Details { get; init; }
}

/// <summary>Measures work by the clock, the processor time and the allocations of the process.</summary>
internal static class Measurement
{
    /// <summary>Nanoseconds per operation.</summary>
    internal static Sample NanosecondsPer(long operations, Action work) => Take(work, ns => ns / operations, operations);

    /// <summary>Millions of units, such as rows, per second.</summary>
    internal static Sample MillionsPerSecond(long units, Action work) => Take(work, ns => units * 1e3 / ns, units);

    /// <summary>Seconds for the whole work.</summary>
    internal static Sample Seconds(Action work) => Take(work, ns => ns / 1e9, 1);

    /// <summary>Units, such as steps, per second of the processor time of the whole process.</summary>
    /// <param name="work">Does the work and says how many units it was.</param>
    internal static Sample PerProcessorSecond(Func<double> work)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var units = work();
        var seconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new(units / seconds, units / seconds, allocated / units);
    }

    /// <summary>The same of steps that are numbered.</summary>
    internal static Sample PerProcessorSecond(Action<int> step, int times) => PerProcessorSecond(() =>
    {
        for (var i = 0; i < times; i++) { step(i); }
        return times;
    });

    /// <summary>How often work has to be done for a repeat of a wanted length. What takes long enough is done once more, since the first
    /// time may have been spent on compiling it.</summary>
    /// <param name="seconds">The length.</param>
    /// <param name="work">Does the work so often, and says how many seconds that took.</param>
    internal static int Times(double seconds, Func<int, double> work)
    {
        const double Enough = 0.3;      // of the wanted length, to extrapolate from
        for (var times = 1; ;)
        {
            var took = Math.Max(work(times), 1e-6);
            if (took >= Enough * seconds) { took = Math.Max(work(times), 1e-6); }
            if (took >= Enough * seconds || times > 100_000_000) { return (int)Math.Clamp(times * seconds / took, 1, int.MaxValue); }
            times = (int)(times * Math.Clamp(1.2 * Enough * seconds / took, 2, 50));
        }
    }

    /// <summary>The value below which a share of the numbers lies, interpolated.</summary>
    internal static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 == sorted.Length ? sorted[below] : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
    }

    private static Sample Take(Action work, Func<double, double> value, long operations)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var threads = ThreadTimes.Read();
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        work();
        var elapsed = Stopwatch.GetElapsedTime(start);
        var used = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new(value(elapsed.TotalNanoseconds), value(used.TotalNanoseconds), (double)allocated / operations)
        {
            Threads = ThreadTimes.Since(threads),
        };
    }
}
