namespace StreamLearn.Simulation.Tests;

/// <summary>Levels of topics and retention mean in the virtual world and in a replay what they mean in the dataflow host.</summary>
public sealed class TopicColumnTests
{
    [Fact]
    public void Levels_become_columns_and_retained_messages_can_be_skipped()
    {
        var seen = new List<(float First, int Pump)>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        foreach (var (pump, i) in new[] { "p7", "p2" }.Select((p, i) => (p, i)))
        {
            world.Add(Pipeline.Define(pump, p => p.Pulse(2, Ms(1 + i)).Publish(air, $"plant/{pump}/rows", new RowCodec(), retain: true)));
        }
        var device = world.Add(Reader(air, "early", skip: false, seen));
        world.RunFor(Ms(10));
        var late = world.Add(Reader(air, "late", skip: true, []));
        world.RunToEnd();

        Assert.Equal([(0, 0), (0, 1), (4, 0), (4, 1)], seen);
        Assert.Equal(["p7", "p2"], device.LevelTexts("pump"));
        Assert.Equal(2, late.Metrics["subscribe plant/{pump}/rows"].Drops["retained"]);
        Assert.Empty(late.LevelTexts("pump"));
    }

    [Fact]
    public async Task A_replay_gives_the_same_codes()
    {
        for (var round = 0; round < 20; round++)
        {
            using var text = new StringWriter();
            var (seen, again) = (new List<(float, int)>(), new List<(float, int)>());
            using (var recorder = new RunRecorder(text))
            {
                await using var air = new InProcessTransport();
                var options = new RunOptions { Recorder = recorder, Pace = Pace.AsFastAsPossible };
                var (one, other, reader) = (Sender(air, "a"), Sender(air, "b"), Both(air, seen));
                await using var reading = reader.Start(options, Cancellation);
                await using var first = one.Start(options, Cancellation);
                await using var second = other.Start(options, Cancellation);
                await Task.WhenAll(first.Completion, second.Completion);
                await reading.DrainAsync(Cancellation);
            }
            var none = new InProcessTransport();
            using var replay = RunReplay.Run(
                new StringReader(text.ToString()), [Both(none, again), Sender(none, "a"), Sender(none, "b")], seed: 0);
            Assert.Equal(40, seen.Count);
            Assert.Equal(seen, again);
        }
    }

    private static Pipeline Sender(ITransport air, string name) => Pipeline.Define(name, p =>
    {
        for (var i = 0; i < 4; i++) { p.Pulse(5, TimeSpan.Zero, $"pulse {i}").Publish(air, $"{name}/{name}{i}", new RowCodec()); }
    });

    private static Pipeline Both(ITransport air, List<(float, int)> seen) => Pipeline.Define("both", p =>
        p.Subscribe(air, "a/{pump}", new RowCodec()).Merge(p.Subscribe(air, "b/{pump}", new RowCodec()))
            .ForEach("end", b => seen.Add((b.Channels[0].Values<float>()[0], b["pump"].Values<int>()[0]))));

    private static Pipeline Reader(ITransport air, string name, bool skip, List<(float, int)> seen) => Pipeline.Define(name, p =>
        p.Subscribe(air, "plant/{pump}/rows", new RowCodec(), new() { SkipRetained = skip })
            .ForEach("end", b => seen.Add((b.Channels[0].Values<float>()[0], b["pump"].Values<int>()[0]))));

    private sealed class RowCodec : ICodec<Batch>
    {
        private static readonly Schema Columns = new(Field.Channel("c0", Unit.One));
        public string Name => "row/1";

        public void Encode(Batch value, IBufferWriter<byte> buffer) =>
            buffer.Write(BitConverter.GetBytes(value.Channels[0].Values<float>()[0]));

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch value)
        {
            value = pool.Rent(Columns, 1);
            value.Channels[0].Writable<float>()[0] = BitConverter.ToSingle(bytes.ToArray());
            return true;
        }
    }
}
