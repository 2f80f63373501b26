namespace StreamLearn.Simulation.Tests;

/// <summary>Worlds that are saved at any moment, built anew and gone on with: nobody can tell them from one that was left alone.</summary>
public sealed class SavedWorldTests
{
    private static readonly TimeSpan Length = Ms(250);

    [Fact]
    public void Random_fleets_saved_at_any_moment_end_with_the_bits_of_undisturbed_ones()
    {
        var (joined, ended, underWay) = (0, 0, 0);
        for (var seed = 0; seed < StressTests.Rounds; seed++)
        {
            var random = new RandomStream(seed, "moments");
            TimeSpan[] moments = [.. Enumerable.Range(0, 2).Select(_ => Ms(random.NextDouble(0, 250))).Order()];
            var undisturbed = Run(seed, [], out _);
            var saved = Run(seed, moments, out var world);
            Assert.True(undisturbed.SequenceEqual(saved),
                $"seed {seed}, saved at {string.Join(", ", moments)}: {First(undisturbed, saved)}");
            joined += world.Joined;
            ended += world.Ended;
            underWay += world.UnderWay;
        }
        Assert.True(joined > StressTests.Rounds / 10 && ended > StressTests.Rounds / 4 && underWay > StressTests.Rounds / 2,
            $"only {joined} were joined again, {ended} had ended, {underWay} calls and transfers were under way");
    }

    [Fact]
    public void An_operator_of_a_device_that_starts_again_is_woken_when_it_asked_for_that_as_it_took_up_its_state()
    {
        var woken = new List<TimeSpan>();
        using var world = new VirtualWorld(new() { Seed = 5 });
        var (checkpoints, pipeline) = (new DeviceCheckpoints(), Pipeline.Define("a", p =>
        {
            p.SaveWith(NumCodec.Plain);
            p.Count(9, Ms(10)).Via("wakes", woken, static (List<TimeSpan> times, OperatorContext context, IOutput<Num> output) =>
                new Wakes(times, context, output)).Discard();
        }));
        var device = world.Add(pipeline, null, null, checkpoints);
        world.At(Ms(5), () => device.SaveState());
        world.At(Ms(6), () =>
        {
            device.Crash();
            world.Add(pipeline, null, null, checkpoints, device.LastCheckpoint);
        });
        world.RunFor(Ms(8));

        Assert.Equal([Ms(7)], woken);
    }

    [Fact]
    public void A_saved_world_has_the_same_bits_when_it_is_loaded_and_saved_again()
    {
        for (var seed = 0; seed < StressTests.Rounds / 4; seed++)
        {
            using var first = Build(seed, null);
            first.RunFor(Ms(new RandomStream(seed, "moment").NextDouble(0, 250)));
            var saved = first.Save();
            using var second = Build(seed, null);
            second.Load(saved, name => Join(second, name));

            var again = second.Save();

            Assert.Equal(saved.Number + 1, again.Number);
            foreach (var (one, other) in saved.Parts.Zip(again.Parts).Skip(1))      // the first one has the number
            {
                Assert.Equal((one.Name, one.Format), (other.Name, other.Format));
                Assert.True(one.Content.Span.SequenceEqual(other.Content.Span), $"seed {seed}: '{one.Name}' differs");
            }
        }
    }

    /// <summary>A wake-up, a call that is put off, messages that are kept, and lines before a core.</summary>
    [Fact]
    public void What_waits_goes_on_waiting_for_as_long()
    {
        var (undisturbed, events) = Waiting([]);
        for (var moment = 0; moment < 50; moment++)
        {
            var (seen, again) = Waiting([Ms(4.1 * moment)]);
            Assert.Equal((moment, events), (moment, again));
            Assert.Equal(undisturbed, seen);
        }
        Assert.True(undisturbed.Count > 40, $"only {undisturbed.Count} were seen");
    }

    private static List<string> Run(long seed, TimeSpan[] moments, out (int Joined, int Ended, int UnderWay) what)
    {
        var log = new List<string>();
        void Note(TraceEvent e) => log.Add(string.Create(CultureInfo.InvariantCulture,
            $"{e.Time.Ticks} {e.Device}/{e.Block} {e.Kind} {e.Amount}"));
        what = default;
        var world = Build(seed, Note);
        try
        {
            foreach (var moment in moments)
            {
                world.RunFor(moment - world.Elapsed);
                var saved = world.Save();
                var known = world.Devices.Count;
                what.Ended += world.Devices.Count(static d => d.EndedAt is not null);
                what.UnderWay += world.UnderWay;
                world.Dispose();
                Assert.Equal(0, world.Pool.RentedBatches);
                world = Build(seed, Note);
                var fresh = world.Devices.Count;
                world.Load(saved, name => Join(world, name));
                what.Joined += world.Devices.Count - fresh;
                Assert.Equal(known, world.Devices.Count);
            }
            world.RunFor(Length - world.Elapsed);
            log.AddRange(world.Devices.Select(Standing));
            world.RunToEnd(Cancellation);
            log.AddRange(world.Devices.Select(Standing));
            log.AddRange(world.Links.Select(static l => $"{l.Up} {l.Down}").Concat(world.Media.Select(static m => $"{m.Use}")));
            log.Add(string.Create(CultureInfo.InvariantCulture, $"{world.Elapsed} {world.Events}"));
            Assert.Equal(0, world.Pool.RentedBatches);
        }
        finally { world.Dispose(); }

        return log;
    }

    /// <summary>A random fleet to which things happen: crashes, returns, farewells, lost connections.</summary>
    private static VirtualWorld Build(long seed, Action<TraceEvent>? trace)
    {
        var world = StressTests.Build(seed, faults: seed % 2 == 0, trace);
        var random = new RandomStream(seed, "failures");
        foreach (var device in world.Devices.ToList())
        {
            var (kind, at, after) = (random.NextInt32(5), Ms(random.NextDouble(0, 150)), Ms(random.NextDouble(0, 60)));
            VirtualDevice Newest() => world.Devices.Last(d => d.Name == device.Name);
            switch (kind)
            {
                case 0:
                    world.At(at, () => Newest().Crash());
                    world.At(at + after, () => { if (Newest().EndedAt is not null) { Join(world, device.Name); } });
                    break;
                case 1:
                    world.At(at, () => Newest().Leave());
                    break;
                case 2:
                    world.At(at, () => Newest().Disconnect());
                    world.At(at + after, () => Newest().Connect());
                    break;
            }
        }
        return world;
    }

    private static void Join(VirtualWorld world, string name)
    {
        var first = world.Devices.First(d => d.Name == name);
        world.Add(first.Pipeline, first.Profile, first.Link);
    }

    private static string Standing(VirtualDevice device) => string.Create(CultureInfo.InvariantCulture,
        $"{device.Name} {device.EndedAt} {device.HasCrashed} {device.IsConnected} {device.Connects} {device.Failure?.Message} "
            + $"{device.BytesUp} {device.BytesDown} {device.Energy} {device.Busy.Ticks}\n{device.Metrics}\n"
            + $"{string.Join(' ', device.Metrics.Blocks.Select(b => $"{b.Controls} {b.Busy.Ticks} {b.Blocked.Ticks} {b.MultiplyAdds}"))}\n"
            + $"{string.Join('\n', device.Metrics.Edges.Select(static e => e with { Waited = default }))}");      // waits are of a run

    private static string First(List<string> one, List<string> other)
    {
        var i = one.Zip(other).TakeWhile(static p => p.First == p.Second).Count();
        return $"event {i}: expected {one.ElementAtOrDefault(i)}, got {other.ElementAtOrDefault(i)}";
    }

    private static (List<Seen> Seen, long Events) Waiting(TimeSpan[] moments)
    {
        var link = new LinkProfile { Delay = Ms(3), UpBitsPerSecond = 9_000, DownBitsPerSecond = 20_000 };
        var seen = new List<Seen>();
        var world = Build();
        foreach (var moment in moments)
        {
            world.RunFor(moment - world.Elapsed);
            var saved = world.Save();
            world.Dispose();
            world = Build();
            world.Load(saved, name => world.Add(Late(world, name), null, link));
        }
        world.RunFor(Ms(300) - world.Elapsed);
        var events = world.Events;
        world.Dispose();
        return (seen, events);

        VirtualWorld Build()
        {
            var made = new VirtualWorld(new() { Seed = 5 });
            var air = made.Transport("air");
            made.Add(Pipeline.Define("a", p => p.Count(40, Ms(2)).Sum("sum", 1_500).Delay("late", Ms(7))
                .Map<Num, Num>("faulty", (item, context) =>
                {
                    context.Charge(700);
                    return context.Random.NextInt32(3) == 0 ? throw new InvalidOperationException("now and then")
                        : new(item.Value + context.Now.Ticks);       // the time of the first attempt
                }).OnError(ErrorPolicy.Retry(2, ErrorPolicy.Skip, Ms(1)))
                .Publish(air, "numbers/a", NumCodec.Plain, retain: true)),
                new() { MultiplyAddsPerSecond = 1e6, Jitter = 0.4, SpeedTrace = [new(Ms(60), 0.5), new(Ms(120), 2)] }, link);
            made.Add(Pipeline.Define("b", p => p.Subscribe(air, "numbers/#", NumCodec.Plain).Sum("sum", 2_000).Watch("end", seen)),
                new() { MultiplyAddsPerSecond = 1e6 }, link);
            made.At(Ms(90), () => made.Add(Late(made, "c"), null, link));
            for (var at = 95.5; at < 180; at += 9)      // what is on its way is lost
            {
                made.At(Ms(at), () => made.Devices[2].Disconnect());
                made.At(Ms(at + 1), () => made.Devices[2].Connect());
            }
            return made;
        }

        Pipeline Late(VirtualWorld made, string name) => Pipeline.Define(name, p => p
            .Subscribe(made.Transport("air"), "numbers/a", NumCodec.Plain).Tick("tick", Ms(11), 300, emits: true).Watch("end", seen));
    }

    /// <summary>Asks to be woken as it takes up its state.</summary>
    private sealed class Wakes(List<TimeSpan> times, OperatorContext context, IOutput<Num> output) : Operator<Num>, IStateful
    {
        public string StateFormat => "wakes/1";
        public void State(ref StateStream s) { if (s.IsReading) { context.WakeAt(context.Now + Ms(1)); } }
        public override void Process(Num input) => output.Emit(input);
        public override void WakeUp() => times.Add(context.Now - new WorldOptions().Start);
    }
}
