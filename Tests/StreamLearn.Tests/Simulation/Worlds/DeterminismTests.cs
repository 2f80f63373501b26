using System.Security.Cryptography;

namespace StreamLearn.Simulation.Tests;

public sealed class DeterminismTests
{
    [Fact]
    public void The_same_seed_gives_the_same_trace_and_counters_and_another_seed_others()
    {
        var (first, firstCounters) = Run(7, 5);
        var (second, secondCounters) = Run(7, 5);
        var (other, _) = Run(8, 5);
        Assert.Equal(Hash(first), Hash(second));
        Assert.Equal(firstCounters, secondCounters);
        Assert.NotEqual(Hash(first), Hash(other));
        Assert.True(first.Count > 3_000, $"{first.Count} events are too few to tell runs apart");
    }

    [Fact]
    public void A_device_that_sends_to_nobody_leaves_the_others_as_they_were()
    {
        var (alone, _) = Run(7, 5);
        var (joined, _) = Run(7, 6);
        var others = joined.FindAll(e => e.Device != "d5");
        Assert.NotEqual(alone.Count, joined.Count);
        Assert.Equal(Hash(alone), Hash(others));
    }

    [Fact]
    public void Results_of_both_hosts_have_the_same_bits_in_the_same_order()
    {
        var (simulated, side) = Simulated(11);
        var (other, otherSide) = Simulated(12);
        Assert.NotEqual(simulated.Count, other.Count);          // random numbers decide what is dropped, ...
        Assert.Empty(simulated.Take(20).Select(s => s.Value).Intersect(other.Take(20).Select(s => s.Value)));      // and go into each value
        Assert.NotEqual(side.Select(s => s.Value), otherSide.Select(s => s.Value));

        for (var run = 0; run < 3; run++)
        {
            var flowed = new List<Seen>();
            var flowedSide = new List<Seen>();
            Flow(Chain(flowed, flowedSide), 11);
            Assert.Equal(simulated.Select(s => s.Value), flowed.Select(s => s.Value));
            Assert.Equal(side.Select(s => s.Value), flowedSide.Select(s => s.Value));
        }
        Assert.InRange(simulated.Count + side.Count, 350, 450);      // of 500 a tenth is dropped at random, then a tenth of the rest
    }

    private static (List<Seen> Seen, List<Seen> Side) Simulated(long seed)
    {
        var (seen, side) = (new List<Seen>(), new List<Seen>());
        using var world = new VirtualWorld(new() { Seed = seed });
        world.Add(Chain(seen, side), new() { MultiplyAddsPerSecond = 1e6, Jitter = 0.3 });
        world.RunToEnd();
        return (seen, side);
    }

    [Fact]
    public void Wake_ups_come_at_the_exact_virtual_time_and_Now_stands_still_during_a_call()
    {
        var woken = new List<Seen>();
        var moved = 0;
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("a", p => p
            .Count(5, Ms(10))
            .Map<Num, Num>("looks", (n, context) =>
            {
                var now = context.Now;
                context.Charge(1_000_000);
                if (context.Now != now) { moved++; }
                return n;
            })
            .Delay("late", Ms(3.5)).Watch("end", woken)), new() { MultiplyAddsPerSecond = 1e9 });
        world.RunFor(Ms(44.5));

        world.RunToEnd();

        Assert.Equal(0, moved);
        // the last one by Complete
        Assert.Equal([new(Ms(4.5), 0), new(Ms(14.5), 1), new(Ms(24.5), 2), new(Ms(34.5), 3), new(Ms(41), 4)], woken);
    }

    [Fact]
    public void The_earliest_wake_up_wins_and_one_asked_for_as_the_operator_is_made_comes()
    {
        var calls = new List<TimeSpan>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Subscribe(air, "x", NumCodec.Plain)
            .Via("wakes", "", (string _, OperatorContext context, IOutput<Num> _) => new Waking(context, calls)).Discard()));
        world.RunFor(Ms(1_000));
        Assert.Equal([Ms(5), Ms(7), Ms(30)], calls);
    }

    private static void Flow(Pipeline pipeline, long seed)
    {
        var run = pipeline.Start(new() { Seed = seed, Pace = Pace.AsFastAsPossible }, Cancellation);
        run.Completion.WaitAsync(TimeSpan.FromSeconds(30), Cancellation).GetAwaiter().GetResult();
    }

    private static Pipeline Chain(List<Seen> seen, List<Seen> side) => Pipeline.Define("chain", p =>
    {
        var (even, odd) = p.Count(500, Ms(1)).Map<Num, Num>("drops", (n, context) => context.Random.NextInt32(1000) < 100 ? null : n)
            .Part("part");
        even.Sum("sum-even", 2_000).Buffer(2).Watch("end", seen, 3_000);
        odd.HoldAll("hold").Sum("sum-odd", 1_000).Watch("side", side);
    });

    private static (List<TraceEvent> Trace, string Counters) Run(long seed, int devices)
    {
        var trace = new List<TraceEvent>();
        using var world = new VirtualWorld(new() { Seed = seed, Trace = trace.Add, GuardMemory = true });
        var air = world.Transport("air");
        world.Add(Pipeline.Define("edge", p => p
            .Subscribe(air, "up/+", NumCodec.Plain).Sum("add", 500).Map<Num, Steer>("model", (n, _) => new(n.Value, "m"))
                .Publish(air, "model", SteerCodec.Plain, retain: true)), new() { MultiplyAddsPerSecond = 1e6 });
        for (var i = 0; i < devices; i++)
        {
            var topic = i < 5 ? $"up/{i}" : "nowhere";
            world.Add(
                Pipeline.Define($"d{i}", p =>
                {
                    var (even, odd) = p.Count(60, Ms(10)).Sum("sum", 2_000).ControlledBy(p.Subscribe(air, "model", SteerCodec.Plain))
                        .Part("part");
                    even.Buffer(1, OnFull.DropOldest).Delay("hold", Ms(25)).Publish(air, topic, NumCodec.Plain);
                    odd.Coalesce((a, b) => new(a.Value ^ b.Value)).Cost("work", 30_000).Discard();
                }),
                new() { MultiplyAddsPerSecond = 1e6, Jitter = 0.4, Speed = 1 + (0.3 * i), Cores = 1 + (i % 2) },
                new() { UpBitsPerSecond = 5_000, DownBitsPerSecond = 20_000, Delay = Ms(3 * i), Outages = [new(Ms(100), Ms(150))] });
        }
        world.RunToEnd();
        return (trace, string.Join('\n', world.Devices.SelectMany(d =>
            d.Metrics.Blocks.Select(b => $"{d.Name}/{b.Block} {b.ItemsIn} {b.ItemsOut} {b.Busy} {b.Blocked} {b.MultiplyAdds} "
                + string.Join(',', b.Drops.OrderBy(x => x.Key))))));
    }

    private static string Hash(List<TraceEvent> trace) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', trace))));

    private sealed class Waking : Operator<Num>
    {
        private readonly OperatorContext _context;
        private readonly List<TimeSpan> _calls;
        private readonly DateTimeOffset _start;

        public Waking(OperatorContext context, List<TimeSpan> calls)
        {
            (_context, _calls, _start) = (context, calls, context.Now);
            context.WakeAt(_start + Ms(5));
        }

        public override void Process(Num input) { }

        public override void WakeUp()
        {
            _calls.Add(_context.Now - _start);
            if (_calls.Count == 1)
            {
                _context.WakeAt(_start + Ms(50));
                _context.WakeAt(_start + Ms(7));
                _context.WakeAt(_start + Ms(60));
            }
            else if (_calls.Count == 2) { _context.WakeAt(_start + Ms(30)); }
        }
    }
}
