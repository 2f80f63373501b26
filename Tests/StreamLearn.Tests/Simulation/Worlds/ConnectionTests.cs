namespace StreamLearn.Simulation.Tests;

/// <summary>Devices whose connection is taken and given back, and what their pipelines hear of it.</summary>
public sealed class ConnectionTests
{
    private static readonly LinkProfile Slow = new() { Delay = Ms(10) };

    [Fact]
    public void The_world_takes_a_pipeline_that_hears_of_connections_and_ends_it()
    {
        foreach (var drains in new[] { false, true })
        {
            var seen = new List<Seen>();
            using var world = new VirtualWorld();
            world.Add(Pipeline.Define("a", p =>
            {
                p.Connections(world.Transport("air")).Told().Watch("told", seen);
                p.Count(3, Ms(10)).Discard();
            }));
            world.Add(Pipeline.Define("b", p => p.Connections(world.Transport("air")).Told().Watch("told", seen)));

            if (drains) { world.Drain(); }
            else { world.RunToEnd(); }

            Assert.Empty(seen);
            Assert.All(world.Devices, d => Assert.Equal(((TimeSpan?)(drains ? TimeSpan.Zero : Ms(20)), null), (d.EndedAt, d.Failure)));
        }
    }

    [Fact]
    public void A_device_ends_with_its_sources_though_it_hears_of_connections()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p =>
            p.Connections(world.Transport("air")).Told().Merge(p.Count(3, Ms(10))).Watch("end", seen)));
        world.RunFor(Ms(100));
        Assert.Equal(Ms(20), device.EndedAt);
        Assert.Equal([0L, 1, 2], seen.Select(s => s.Value));
    }

    [Fact]
    public void A_device_that_does_nothing_else_leaves()
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p => p.Connections(world.Transport("air")).Discard()));
        world.At(Ms(5), device.Leave);
        world.RunFor(Ms(10));
        Assert.Equal(Ms(5), device.EndedAt);
    }

    [Fact]
    public void A_foreign_transport_is_refused_for_connections_too()
    {
        using var world = new VirtualWorld();
        var refused = Assert.Throws<ArgumentException>(() => world.Add(Pipeline.Define("a", p =>
            p.Connections(new InProcessTransport()).Discard())));
        Assert.Contains("a/connections in-process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_disconnected_device_publishes_waits_and_what_was_on_its_way_is_lost()
    {
        var (changes, came) = (new List<ConnectionChange>(), new List<Seen>());
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p =>
        {
            p.Connections(world.Transport("air")).ForEach("changes", changes.Add);
            p.Count(6, Ms(20)).Publish(world.Transport("air"), "t", NumCodec.Plain);
        }), link: Slow);
        world.Add(Pipeline.Define("b", p => p.Subscribe(world.Transport("air"), "t", NumCodec.Plain).Watch("came", came)));
        world.At(Ms(45), device.Disconnect);        // message 2 left at 40 and would arrive at 50
        world.At(Ms(46), device.Disconnect);
        world.At(Ms(85), device.Connect);           // messages 3 and 4 have waited since 60 and 80
        world.At(Ms(86), device.Connect);

        world.RunFor(Ms(84));
        Assert.False(device.IsConnected);
        world.RunToEnd();

        Assert.True(device.IsConnected);
        Assert.Equal([new(Ms(10), 0), new(Ms(30), 1), new(Ms(95), 3), new(Ms(95), 4), new(Ms(110), 5)], came);
        Assert.Equal(1, Lost(device, "publish t"));
        Assert.Equal(
            [
                new() { Transport = "air", Session = "a", IsConnected = false, Connects = 1, Reason = "disconnected" },
                new() { Transport = "air", Session = "a", IsConnected = true, Connects = 2, SessionKept = false },
            ],
            changes);
    }

    [Fact]
    public void What_is_published_to_a_disconnected_device_is_lost_and_what_is_kept_for_later_comes_again()
    {
        var (plain, kept) = (new List<Seen>(), new List<Seen>());
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("a", p =>
        {
            var numbers = p.Count(6, Ms(20));
            numbers.Publish(world.Transport("air"), "plain", NumCodec.Plain);
            numbers.Publish(world.Transport("air"), "kept", NumCodec.Plain, retain: true);
        }));
        var device = world.Add(Pipeline.Define("b", p =>
        {
            p.Subscribe(world.Transport("air"), "plain", NumCodec.Plain).Watch("plain watch", plain);
            p.Subscribe(world.Transport("air"), "kept", NumCodec.Plain).Watch("kept watch", kept);
        }), link: Slow);
        world.At(Ms(45), device.Disconnect);        // message 2 is on its way; 3 and 4 are published meanwhile
        world.At(Ms(85), device.Connect);

        world.RunToEnd();

        Assert.Equal([new(Ms(10), 0), new(Ms(30), 1), new(Ms(110), 5)], plain);
        Assert.Equal([new(Ms(10), 0), new(Ms(30), 1), new(Ms(95), 4), new(Ms(110), 5)], kept);
        Assert.Equal((3, 3), (Lost(device, "subscribe plain"), Lost(device, "subscribe kept")));
    }

    [Fact]
    public void A_message_that_is_lost_on_its_way_is_counted_once_whatever_comes_after()
    {
        using var world = new VirtualWorld();
        var link = Slow with { UpBitsPerSecond = 720, DownBitsPerSecond = 720 };        // nine bytes in 100 ms
        var sender = world.Add(
            Pipeline.Define("a", p => p.Count(1, Ms(1)).Publish(world.Transport("air"), "t", NumCodec.Plain)), link: link);
        world.At(Ms(50), sender.Disconnect);
        world.At(Ms(55), sender.Connect);
        world.At(Ms(56), sender.Disconnect);
        world.At(Ms(60), sender.Crash);
        world.RunToEnd();
        Assert.Equal(1, Lost(sender, "publish t"));
    }

    [Fact]
    public void A_world_does_not_end_while_a_disconnected_device_holds_messages()
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p => p.Count(3, Ms(1)).Publish(world.Transport("air"), "t", NumCodec.Plain)));
        world.At(Ms(1.5), device.Disconnect);
        var failure = Assert.Throws<InvalidOperationException>(() => world.RunToEnd());
        Assert.Contains("a/publish t", failure.Message, StringComparison.Ordinal);
        device.Connect();
        world.RunToEnd();
        Assert.Equal(3, device.Metrics["publish t"].ItemsIn);
        Assert.NotNull(device.EndedAt);
    }

    [Fact]
    public async Task A_recorded_run_that_heard_of_connections_is_repeated()
    {
        var (transport, sums, again) = (new ScriptedTransport("air"), new List<long>(), new List<long>());
        using var text = new StringWriter();
        using (var recorder = new RunRecorder(text))
        {
            var run = Heard(transport, sums).Start(new() { Recorder = recorder, Pace = Pace.AsFastAsPossible, Seed = 7 }, Cancellation);
            for (var i = 0; i < 9; i++)
            {
                transport.Tell(new() { Transport = "air", Session = $"s {i % 3}", IsConnected = i % 2 == 0, Reason = "now\nand then" });
            }
            await run.Completion.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        }
        using var replay = RunReplay.Run(new StringReader(text.ToString()), [Heard(new ScriptedTransport("air"), again)], 7);

        Assert.Empty(replay.Failures);
        Assert.Contains(sums, s => s < 0);
        Assert.Equal(sums, again);

        static Pipeline Heard(ScriptedTransport transport, List<long> sums) => Pipeline.Define("heard", p =>
        {
            var changes = p.Connections(transport);
            p.Count(300, TimeSpan.Zero).Mixing().ControlledBy(changes).Merge(changes.Told()).ForEach("sums", n => sums.Add(n.Value));
        });
    }

    [Theory, InlineData("K 0 0 0 lost air s publishing "), InlineData("K 0 0 0 gone air s publishing  ")]
    [InlineData("K 0 1 0 lost air s publishing  "), InlineData("K 0 0 -1 lost air s publishing  ")]
    public void A_damaged_change_of_a_recording_is_refused(string line)
    {
        using var recording = new StringReader($"streamlearn-run 1\nP 0 0 a\n{line}\n");
        Assert.Throws<ReplayException>(() => RunReplay.Run(
            recording, [Pipeline.Define("a", p => p.Connections(new InProcessTransport()).Discard())], 0));
    }

    private static long Lost(VirtualDevice device, string block) => device.Metrics[block].Drops.GetValueOrDefault("lost");
}

/// <summary>A sum that depends on when a change comes between messages; it waits for the first change.</summary>
internal sealed class MixingChanges(OperatorContext context, IOutput<Num> output) : Operator<Num>, IControlledBy<ConnectionChange>
{
    private long _sum;
    private bool _hasHeard;
    public override bool Ready => _hasHeard;

    public override void Process(Num input)
    {
        _sum = unchecked((_sum * 31) + input.Value + context.Random.NextInt32(7));
        output.Emit(new(_sum & long.MaxValue));
    }

    public void Control(ConnectionChange message)
    {
        _hasHeard = true;
        _sum ^= message.Session[^1] + (message.IsConnected ? 1 : 0) + message.Reason.Length;
    }
}

internal static class ConnectionsExtensions
{
    /// <summary>−1 for a connection, −2 for its loss.</summary>
    internal static Flow<Num> Told(this Flow<ConnectionChange> flow) =>
        flow.Map<ConnectionChange, Num>("numbers of changes", static (c, _) => new(c.IsConnected ? -1 : -2));

    internal static Flow<Num> Mixing(this Flow<Num> flow) => flow.Via(
        "mixing", "", static (string _, OperatorContext context, IOutput<Num> output) => new MixingChanges(context, output));
}
