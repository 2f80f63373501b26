using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Simulation.Tests;

/// <summary>Error policies, owners and edges in virtual time and in a replay do what they do in the dataflow host.</summary>
public sealed class PolicyTests
{
    [Fact]
    public void A_call_is_repeated_after_a_delay_of_virtual_time()
    {
        using var world = new VirtualWorld();
        List<Seen> seen = [];
        List<TimeSpan> attempts = [];
        var device = world.Add(Pipeline.Define("a", p => p.Count(3, Ms(10)).Map<Num, Num>("block", (item, context) =>
        {
            if (item.Value != 1) { return item; }
            attempts.Add(world.Elapsed);
            return attempts.Count > 2 ? item : throw new InvalidOperationException("not yet");
        }).OnError(ErrorPolicy.Retry(2, delay: Ms(100))).Watch("watch", seen)));
        world.RunToEnd(Cancellation);

        Assert.Equal([Ms(10), Ms(110), Ms(310)], attempts);
        Assert.Equal([new(Ms(0), 0), new(Ms(310), 1), new(Ms(310), 2)], seen);
        Assert.Equal(2, device.Metrics["block"].Counter("retries"));
    }

    [Fact]
    public void A_drain_waits_for_a_call_that_is_to_be_repeated()
    {
        using var world = new VirtualWorld();
        var (failed, seen) = (false, new List<Seen>());
        world.Add(Pipeline.Define("a", p => p.Count(1, Ms(10)).Map<Num, Num>("block", (item, _) =>
        {
            if (failed) { return item; }
            failed = true;
            throw new InvalidOperationException("not yet");
        }).OnError(ErrorPolicy.Retry(1, delay: Ms(100))).Watch("watch", seen)));
        world.RunFor(Ms(1));

        world.Drain(Cancellation);

        Assert.Equal([new(Ms(100), 0)], seen);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_message_that_cannot_be_encoded_is_skipped_or_set_aside(bool setsAside)
    {
        using var world = new VirtualWorld();
        var (air, letters, seen) = (world.Transport("air"), new List<string>(), new List<Seen>());
        var device = world.Add(Pipeline.Define("a", p =>
        {
            p.Count(4, Ms(1)).Publish(air, "x", new Choosy()).OnError(setsAside ? ErrorPolicy.DeadLetter : ErrorPolicy.Skip);
            p.DeadLetters.ForEach("letters", l => letters.Add($"{l.Block}: {l.Reason}: {((Num)l.Item).Value}"));
        }));
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).Watch("watch", seen)));

        world.RunToEnd(Cancellation);

        Assert.Null(device.Failure);
        Assert.Equal([0L, 1, 3], seen.Select(s => s.Value));
        Assert.Equal(!setsAside ? [] : ["publish x: no twos: 2"], letters);
        Assert.Equal(1, device.Metrics["publish x"].Drops[setsAside ? "dead-letter" : "error"]);
    }

    [Fact]
    public void A_device_that_gives_a_batch_away_twice_stops_and_no_other()
    {
        using var world = new VirtualWorld();
        var guilty = world.Add(Pipeline.Define("guilty", p => p.Pulse(50, Ms(1)).Via("twice", new Outputs(2),
            static (Outputs _, OperatorContext _, IOutput<Batch> output) => new Twice(output)).Discard()));
        var others = Enumerable.Range(0, 5).Select(i => world.Add(Pipeline.Define($"d{i}", p => p.Pulse(50, Ms(1)).Discard()))).ToList();
        world.RunToEnd(Cancellation);
        Assert.Equal("twice", guilty.Failure!.Block);
        Assert.IsType<ObjectDisposedException>(guilty.Failure.InnerException);
        Assert.All(others, o => Assert.Equal((null, 50L), (o.Failure, o.Metrics.Blocks[^1].ItemsIn)));
        Assert.Equal(0, world.Pool.RentedBatches);
    }

    [Fact]
    public void A_replay_merges_what_was_merged_and_not_what_the_edge_never_took()
    {
        var pool = new BatchPool(guard: true);
        Schema one = new([Field.Channel("x", Unit.One)]), other = new([Field.Channel("y", Unit.One)]);
        var merges = 0;
        var merge = Pipeline.Define("p", p => p.Input<Batch>("in").Coalesce((queued, added) =>
        {
            merges++;
            Assert.Equal(queued.Schema, added.Schema);
            queued.Dispose();
            return added;
        }).Discard()).Edges[0];
        using var edge = new ReplayedEdge(merge);
        edge.Add(0, pool.Rent(one, 1));
        edge.Add(1, pool.Rent(other, 2));
        edge.Add(2, pool.Rent(one, 4 << 20));      // 16 MiB on an edge of 8
        edge.Add(3, pool.Rent(one, 3));

        var merged = Assert.IsType<Batch>(edge.Take(0, 3));

        Assert.Equal((1, 3, 1L), (merges, merged.Rows, pool.RentedBatches));
        Assert.Throws<ObjectDisposedException>(merged.Dispose);      // it is the edge's, for the block that takes it
    }

    private sealed class Twice(IOutput<Batch> output) : Operator<Batch>
    {
        private int _seen;

        public override void Process(Batch input)
        {
            output.Emit(input);
            if (++_seen == 7) { output.Emit(input); }
        }
    }

    private sealed class Choosy : ICodec<Num>
    {
        public string Name => "choosy/1";

        public void Encode(Num value, IBufferWriter<byte> buffer)
        {
            if (value.Value == 2) { throw new InvalidOperationException("no twos"); }
            NumCodec.Plain.Encode(value, buffer);
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Num value) =>
            NumCodec.Plain.TryDecode(bytes, pool, out value);
    }
}
