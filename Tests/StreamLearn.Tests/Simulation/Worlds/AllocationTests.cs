namespace StreamLearn.Simulation.Tests;

public sealed class AllocationTests
{
    [Fact]
    public void Events_allocate_nothing_once_the_world_is_warm()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        var only = new Num(1);
        var codec = new Fixed(only);
        world.Add(
            Pipeline.Define("a", p =>
            {
                var numbers = p.From("ever", only, (Num n, OperatorContext _) => new Ever(n)).Buffer(4, OnFull.DropOldest)
                    .Cost("work", 300);
                numbers.Map<Num, Num>("wakes", (n, context) =>
                {
                    context.WakeAt(context.Now + Ms(1));
                    return n;
                }).Publish(air, "x", codec);
                numbers.Buffer(1).Cost("slow", 900).Discard();
            }),
            new() { MultiplyAddsPerSecond = 1e6, Jitter = 0.2, Cores = 2, SpeedTrace = [new(Ms(1_500), 0.9)] },
            new() { UpBitsPerSecond = 100_000, Delay = Ms(2) });
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", codec).Cost("work", 100).Discard()),
            new() { MultiplyAddsPerSecond = 1e6 }, new() { DownBitsPerSecond = 200_000 });
        var (events, allocated) = (0L, long.MaxValue);

        // Code that is not yet optimized boxes here and there; on a busy machine that can last.
        for (var second = 0; second < 60 && allocated > 0; second++)
        {
            var (eventsBefore, bytesBefore) = (world.Events, GC.GetAllocatedBytesForCurrentThread());
            world.RunFor(TimeSpan.FromSeconds(3));
            (events, allocated) = (world.Events - eventsBefore, GC.GetAllocatedBytesForCurrentThread() - bytesBefore);
        }
        Assert.True(events > 20_000, $"{events} events");
        Assert.True(allocated == 0, $"{allocated} bytes for {events} events");
    }

    private sealed class Ever(Num item) : Source<Num>
    {
        private static readonly DateTimeOffset Start = new WorldOptions().Start;
        private long _made;
        public override DateTimeOffset? NextAt => Start + TimeSpan.FromTicks(5_000 * _made);

        public override Num Next()
        {
            _made++;
            return item;
        }
    }

    /// <summary>Writes the same bytes and reads the same message.</summary>
    private sealed class Fixed(Num item) : ICodec<Num>
    {
        public string Name => "fixed/1";
        public void Encode(Num value, System.Buffers.IBufferWriter<byte> buffer) => NumCodec.Plain.Encode(value, buffer);

        public bool TryDecode(in System.Buffers.ReadOnlySequence<byte> bytes, BatchPool pool, out Num value)
        {
            value = item;
            return true;
        }
    }
}
