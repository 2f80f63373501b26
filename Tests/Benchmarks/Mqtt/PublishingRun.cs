using StreamLearn.Mqtt;

namespace Benchmarks;

/// <summary>A pipeline that publishes over a long line: 10 ms each way to mosquitto, which lets a client have 256 messages in
/// flight.</summary>
internal static class PublishingRun
{
    private const int Bytes = 64;
    private const double DelaySeconds = 0.01;
    private static readonly Lazy<int> Port = new(Start);

    /// <summary>Messages per second that a line lets through with so many in flight, when nothing else takes time.</summary>
    internal static Sample Limit(int inFlight) => new(inFlight / (2 * DelaySeconds), double.NaN, double.NaN);

    /// <summary>Messages per second at QoS 1.</summary>
    /// <param name="inFlight">The publication's window.</param>
    internal static Sample Measure(int inFlight)
    {
        var count = 100 * inFlight;      // about two seconds
        return Run().GetAwaiter().GetResult();

        async Task<Sample> Run()
        {
            var transport = new MqttTransport(new() { Server = new($"mqtt://127.0.0.1:{Port.Value}"), CleanStart = true });
            await using var _ = transport;
            await transport.PublishAsync("bench/first", new(new byte[1]), new(new("bench", 0)), CancellationToken.None);
            var pipeline = Pipeline.Define("bench", p => p
                .From("ever", count, static (int count, OperatorContext _) => new Repeated(count))
                .Publish(transport, "bench/pipeline", new Zeros(), new PublicationOptions { InFlight = inFlight }));
            GC.Collect();
            var (allocated, cpu, start) =
                (GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            await pipeline.RunAsync();
            var (seconds, used) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Environment.CpuUsage.TotalTime - cpu);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            return new(count / seconds, double.NaN, (double)allocated / count)
            {
                Details = new Dictionary<string, double> { ["cpu_us"] = used.TotalMicroseconds / count },
            };
        }
    }

    private static int Start()
    {
        if (Mosquitto.Program.Path is null) { throw new BenchmarkException("mosquitto is not installed"); }
        var broker = Mosquitto.StartAsync(new() { InFlight = 256 }).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => broker.DisposeAsync().AsTask().GetAwaiter().GetResult();
        var line = new FaultProxy(broker.Port);
        foreach (var direction in Enum.GetValues<Direction>())
        {
            line.Set(direction, new() { Delay = TimeSpan.FromSeconds(DelaySeconds) });
        }
        return line.Port;
    }

    private sealed record Nothing;

    /// <summary>The same message again and again, as fast as it is taken.</summary>
    private sealed class Repeated(int count) : Source<Nothing>
    {
        private readonly Nothing _item = new();
        private int _made;
        public override DateTimeOffset? NextAt => _made < count ? DateTimeOffset.UnixEpoch : null;

        public override Nothing Next()
        {
            _made++;
            return _item;
        }
    }

    private sealed class Zeros : ICodec<Nothing>
    {
        public string Name => "zeros/1";

        public void Encode(Nothing value, IBufferWriter<byte> buffer)
        {
            buffer.GetSpan(Bytes)[..Bytes].Clear();
            buffer.Advance(Bytes);
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Nothing value)
        {
            value = new();
            return true;
        }
    }
}
