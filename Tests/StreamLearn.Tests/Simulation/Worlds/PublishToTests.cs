namespace StreamLearn.Simulation.Tests;

/// <summary>What is published to a topic of its own arrives alike in both hosts and in a replay.</summary>
public sealed class PublishToTests
{
    private static readonly string[] Devices = ["a", "b/c", ""];

    [Fact]
    public async Task In_the_dataflow_host_and_in_a_replay_of_its_run()
    {
        using var text = new StringWriter();
        var (seen, again) = (new List<string>(), new List<string>());
        using (var recorder = new RunRecorder(text))
        {
            await using var air = new InProcessTransport();
            var options = new RunOptions { Recorder = recorder, Pace = Pace.AsFastAsPossible };
            await using var reading = Reader(air, "down/+", seen).Start(options, Cancellation);
            await using var sending = Sender(air).Start(options, Cancellation);
            await sending.Completion;
            await reading.DrainAsync(Cancellation);
        }
        await using var none = new InProcessTransport();
        using var replay = RunReplay.Run(new StringReader(text.ToString()), [Reader(none, "down/+", again), Sender(none)], seed: 0);

        Assert.Equal(["down/a 0", "down/b%2Fc 1", "down/% 2", "down/a 3", "down/b%2Fc 4", "down/% 5"], seen);
        Assert.Equal(seen, again);
    }

    [Fact]
    public void In_the_virtual_world_each_device_gets_its_own_and_late_ones_the_newest()
    {
        var (all, one, late) = (new List<string>(), new List<string>(), new List<string>());
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Reader(air, "down/+", all));
        world.Add(Reader(air, new TopicTemplate("down/{device}").Of("b/c"), one, "one"));
        world.Add(Sender(air), null, new() { UpBitsPerSecond = 10_000, Delay = Ms(40) });      // several are on the way at once
        world.RunFor(Ms(200));
        world.Add(Reader(air, "down/+", late, "late"));
        world.RunToEnd();

        Assert.Equal(["down/a 0", "down/b%2Fc 1", "down/% 2", "down/a 3", "down/b%2Fc 4", "down/% 5"], all);
        Assert.Equal(["down/b%2Fc 1", "down/b%2Fc 4"], one);
        Assert.Equal(["down/% 5", "down/a 3", "down/b%2Fc 4"], late.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_drain_ends_a_subscription_only_when_nobody_is_left_who_may_publish_to_it()
    {
        var seen = new List<string>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Reader(air, "down/a", seen));
        world.Add(Sender(air), null, new() { Delay = Ms(40) });
        world.RunFor(Ms(3.5));
        world.Drain();
        Assert.All(world.Devices, d => Assert.NotNull(d.EndedAt));
        Assert.Equal(["down/a 0", "down/a 3"], seen);      // both were on the way
    }

    private static Pipeline Sender(ITransport air) => Pipeline.Define("sender", p => p.Count(6, Ms(1)).PublishTo(
        air, "down/{device}", NumCodec.Plain, n => Devices[n.Value % 3], new() { Retain = true }));

    private static Pipeline Reader(ITransport air, Topic filter, List<string> seen, string name = "reader") => Pipeline.Define(name, p =>
        p.Subscribe<Note>(air, filter, "note/1", Read).ForEach("end", n => seen.Add(n.Text)));

    private static Note? Read(Received message, BatchPool pool) =>
        NumCodec.Plain.TryDecode(message.Payload, pool, out var number) ? new($"{message.Topic} {number.Value}") : null;

    private sealed record Note(string Text);
}
