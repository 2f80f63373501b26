namespace Benchmarks;

/// <summary>Processor time of the process from the start to the last message, and what is allocated once all is warm.</summary>
internal sealed class Meter
{
    private TimeSpan _cpu, _cpuEnd;
    private long _settled, _settledEnd, _first, _last;

    internal static Meter Start()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var now = Stopwatch.GetTimestamp();
        return new() { _cpu = Environment.CpuUsage.TotalTime, _first = now };
    }

    /// <summary>Reads so many messages, and measures from the first to the last.</summary>
    /// <param name="transport">Where from.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="options">Of the subscription.</param>
    /// <param name="count">Messages, at least 10.</param>
    /// <param name="last">Called with the last message, while the subscription is there; null: nothing is.</param>
    internal async Task ReadAsync(ITransport transport, Topic topic, SubscribeOptions options, int count, Action? last = null)
    {
        var read = 0;
        await foreach (var message in transport.SubscribeAsync(topic, options, CancellationToken.None))
        {
            message.Acknowledge();
            message.Dispose();
            read++;
            if (read == 1) { First(); }
            if (read == count / 10) { Settle(); }
            if (read < count) { continue; }
            Last();
            last?.Invoke();
            break;
        }
    }

    private void First() => _first = Stopwatch.GetTimestamp();

    /// <summary>A tenth of the messages has passed.</summary>
    internal void Settle() => _settled = GC.GetTotalAllocatedBytes(precise: true);

    internal void Last()
    {
        _settledEnd = GC.GetTotalAllocatedBytes(precise: true);
        _cpuEnd = Environment.CpuUsage.TotalTime;
        _last = Stopwatch.GetTimestamp();
    }

    internal Sample Stop(int count, bool byClock)
    {
        if (_last == 0) { Last(); }
        var cpu = (_cpuEnd - _cpu).TotalMicroseconds / count;
        var rate = count / Stopwatch.GetElapsedTime(_first, _last).TotalSeconds / 1e3;
        var allocated = (_settledEnd - _settled) / (0.9 * count);
        return new(byClock ? rate : cpu, cpu, allocated)
        {
            Details = new Dictionary<string, double> { ["cpu_us"] = cpu, ["kmsg_per_s"] = rate },
        };
    }
}
