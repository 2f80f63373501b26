namespace StreamLearn.Simulation.Tests;

/// <summary>Worlds that cannot be saved, and saved worlds that are not those that go on from them: each refusal says why.</summary>
public sealed class SavedWorldRefusalTests
{
    private static readonly WorldOptions Seeded = new() { Seed = 3 };

    [Fact]
    public void A_folder_keeps_the_newest_worlds_and_a_damaged_one_gives_way_to_the_one_before()
    {
        var folder = Path.Join(Path.GetTempPath(), Path.GetRandomFileName());
        using var world = Build();
        for (var i = 0; i < 5; i++)
        {
            world.RunFor(Ms(3));
            Assert.Equal(i + 1, world.Save(folder).Number);
        }
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(3, files.Count);
        var bytes = File.ReadAllBytes(files[2]);
        bytes[^20] ^= 1;
        File.WriteAllBytes(files[2], bytes);

        using var second = Build();
        second.Load(Checkpoint.Newest(folder)!);

        Assert.Equal(Ms(12), second.Elapsed);
        second.RunFor(Ms(1));
        Assert.Equal(6, second.Save(folder).Number);        // the damaged one keeps its number
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_states_of_a_program_go_on_with_the_world()
    {
        using var world = Build();
        var counted = new Counted { Value = 7 };
        world.AddState("counted", counted);
        Assert.Throws<ArgumentException>(() => world.AddState("counted", counted));
        world.RunFor(Ms(5));
        var saved = world.Save();
        using var second = Build();
        var again = new Counted();
        second.AddState("counted", again);

        second.Load(saved);

        Assert.Equal(7, again.Value);
        using var without = Build();
        Refuses(without, saved, "the program's state 'counted' of the saved world is not in this one: create this world like");
        using var other = Build();
        other.AddState("counted", new Counted { Format = "counted/2" });
        Refuses(other, saved, "the program's state 'counted' has format counted/1, expected counted/2");
    }

    [Fact]
    public void A_world_that_is_not_the_same_is_refused_by_what_differs()
    {
        using var world = Build();
        world.At(Ms(20), static () => { });
        world.RunFor(Ms(5));
        world.Add(Device("late"));
        var saved = world.Save();
        void Differs(string why, VirtualWorld made, Action<string>? join = null) { using (made) { Refuses(made, saved, why, join); } }

        VirtualWorld Planned(TimeSpan at)
        {
            var made = Build();
            made.At(at, static () => { });
            return made;
        }

        Differs("expected a world of seed 4, got one of seed 3", Build(new() { Seed = 4 }));
        Differs("expected a world that began at 1970", Build(Seeded with { Start = DateTimeOffset.UnixEpoch }));
        Differs("expected device 0 to be 'a', added at 00:00:00, got 'b'", Build(names: ["b"]));
        Differs("device 'late' was added at 00:00:00.0050000: expected it to be added again on request", Planned(Ms(20)));
        Differs("expected device 1 to be 'late'", Build(names: ["a", "late"]));
        var bare = Build();
        Differs("expected 1 plans, the number in the saved world, got 0", bare, name => bare.Add(Device(name)));
        var moved = Planned(Ms(21));
        Differs("expected plan 0 at 00:00:00.0200000, as in the saved world, got it at 00:00:00.0210000", moved,
            name => moved.Add(Device(name)));
        var changed = Planned(Ms(20));
        Differs("the saved world has no block 'discard count' of device 'late'", changed, name => changed.Add(
            Pipeline.Define(name, static p => p.Count(9, Ms(2)).Discard())));
    }

    [Fact]
    public void The_checkpoint_of_a_device_is_no_world_and_a_world_is_no_checkpoint_of_a_device()
    {
        using var world = Build();
        var disk = world.Add(Device("disk"), null, null, new DeviceCheckpoints());
        world.At(Ms(3), disk.SaveState);
        world.RunFor(Ms(9));
        using var second = Build();
        Refuses(second, disk.LastCheckpoint!, "expected a saved world, got a checkpoint of pipeline 'disk'");
        using var third = Build();
        var saved = third.Save();

        var refused = Assert.Throws<StateException>(() => third.Add(Device("disk"), null, null, null, saved));

        Assert.StartsWith(
            "expected a checkpoint of pipeline 'disk', got one of 'virtual world'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_world_that_cannot_be_saved_says_why()
    {
        using var planned = Build();
        string? inPlan = null;
        planned.At(Ms(1), () => inPlan = Assert.Throws<InvalidOperationException>(() => planned.Save()).Message);
        planned.At(Ms(2), () => planned.At(Ms(9), static () => { }));
        planned.RunFor(Ms(5));
        Assert.Contains("save it between runs", inPlan, StringComparison.Ordinal);
        Cannot(planned, "the plan at 00:00:00.0090000 was added during a run and cannot be saved");
        planned.RunFor(Ms(5));
        Assert.Equal(1, planned.Save().Number);
        Assert.Throws<InvalidOperationException>(() => planned.Load(planned.Save()));
        planned.Drain(Cancellation);
        Cannot(planned, "being drained");

        using var disks = Build();
        disks.Add(Device("disk"), null, null, new DeviceCheckpoints());
        Cannot(disks, "device 'disk' keeps its own checkpoints");

        using var secret = Build();
        secret.Add(Pipeline.Define("secret", p =>
        {
            p.SaveWith(NumCodec.Plain);
            p.Count(3, Ms(1)).Via("holds", new Secret(), static (Secret _, OperatorContext context, IOutput<Num> output) =>
                new Apply<Num, Num>(static (item, _) => item, context, output)).Discard();
        }));
        Cannot(secret, "the state of pipeline 'secret' cannot be saved: block 'holds' has state");
    }

    private static void Cannot(VirtualWorld world, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidOperationException>(() => world.Save()).Message, StringComparison.Ordinal);

    private static void Refuses(VirtualWorld world, Checkpoint saved, string why, Action<string>? join = null) =>
        Assert.Contains(why, Assert.Throws<StateException>(() => world.Load(saved, join)).Message, StringComparison.Ordinal);

    private static VirtualWorld Build(WorldOptions? options = null, params string[] names)
    {
        var world = new VirtualWorld(options ?? Seeded);
        foreach (var name in names.DefaultIfEmpty("a")) { world.Add(Device(name)); }
        return world;
    }

    private static Pipeline Device(string name) => Pipeline.Define(name, static p =>
    {
        p.SaveWith(NumCodec.Plain);
        p.Count(9, Ms(2)).Sum("sum").Discard();
    });

    private sealed record Secret : IBlockOptions
    {
        public string State => "whatever it holds";
    }

    private sealed class Counted : IStateful
    {
        public long Value { get; set; }
        public string Format { get; init; } = "counted/1";
        public string StateFormat => Format;
        public void State(ref StateStream s) => Value = s.Value(Value);
    }
}
