using System.Buffers;
using StreamLearn.Testing;

namespace StreamLearn.Tests;

/// <summary>What a pipeline publishes on a loopback comes to its own subscriptions.</summary>
public sealed class LoopbackTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_come_in_order_and_the_end_comes_by_itself()
    {
        List<int> seen = [];
        var loop = new LoopbackTransport();

        var metrics = await Pipeline.Define("a", p =>
        {
            p.Subscribe(loop, "n", NumberCodec.Default).ForEach("see", b => seen.Add(Blocks.Number(b)));
            p.Numbers(200).Publish(loop, "n", NumberCodec.Default);
        }).RunAsync(Stop);

        Assert.Equal(Enumerable.Range(0, 200), seen);
        Assert.Equal((200, 200), (metrics["publish n"].RowsOut, metrics["subscribe n"].RowsIn));
        Assert.Empty(metrics["subscribe n"].Drops);
    }

    [Fact]
    public async Task Each_subscription_gets_what_its_filter_takes_and_no_other_pipeline_does()
    {
        var loop = new LoopbackTransport();
        (List<int> even, List<int> all, List<int> strange) = ([], [], []);
        Pipeline Of(string name, int first, List<int> ones, List<int> every) => Pipeline.Define(name, p =>
        {
            p.Numbers(first + 10).Block("from", From(first)).PublishTo(loop, new("n/{kind}"), NumberCodec.Default,
                b => Blocks.Number(b) % 2 == 0 ? "even" : "odd");
            p.Subscribe(loop, "n/even", NumberCodec.Default).ForEach("even", b => ones.Add(Blocks.Number(b)));
            p.Subscribe(loop, "n/#", NumberCodec.Default).ForEach("all", b => every.Add(Blocks.Number(b)));
        });

        await Task.WhenAll(Of("a", 0, even, all).RunAsync(Stop), Of("b", 100, [], strange).RunAsync(Stop));

        Assert.Equal([0, 2, 4, 6, 8], even);
        Assert.Equal(Enumerable.Range(0, 10), all);
        Assert.Equal(Enumerable.Range(100, 10), strange);
    }

    [Fact]
    public async Task What_cannot_be_read_or_is_too_large_is_dropped_with_its_reason_and_what_cannot_be_written_fails_its_block()
    {
        var loop = new LoopbackTransport();
        List<int> seen = [];
        var pipeline = Pipeline.Define("a", p =>
        {
            p.Numbers(120).Publish(loop, "n", new TextOf(n => n == 7 ? "seven" : $"{n}"));
            p.Subscribe(loop, "n", NumberCodec.Default, new() { MaxPayloadBytes = 2 }).ForEach("see", b => seen.Add(Blocks.Number(b)));
        });

        var metrics = await pipeline.RunAsync(Stop);

        Assert.Equal(Enumerable.Range(0, 100).Except([7]), seen);
        Assert.Equal((20 + 1, 0), (metrics["subscribe n"].Drops["oversized"], metrics["subscribe n"].Drops.GetValueOrDefault("malformed")));

        var failing = Pipeline.Define("b", p =>
        {
            p.Numbers(3).Publish(loop, "n", new TextOf(n => n == 1 ? throw new InvalidDataException("one") : "0"));
            p.Subscribe(loop, "n", NumberCodec.Default).Discard();
        });
        Assert.Equal("publish n", (await Assert.ThrowsAsync<BlockFailedException>(() => failing.RunAsync(Stop))).Block);
    }

    [Fact]
    public async Task A_full_subscription_makes_the_publisher_wait_and_nothing_is_lost()
    {
        var loop = new LoopbackTransport();
        var (gate, seen) = (new ManualResetEventSlim(), 0);
        await using var run = Pipeline.Define("a", p =>
        {
            p.Numbers(500).Buffer(1).Publish(loop, "n", NumberCodec.Default);
            p.Subscribe(loop, "n", NumberCodec.Default, new() { Capacity = 2 }).Buffer(1).ForEach("see", _ =>
            {
                gate.Wait(Stop);
                seen++;
            });
        }).Start(new() { Pace = Pace.AsFastAsPossible }, Stop);
        await Eventually.TrueAsync(() => run.Metrics.Edges.Any(e => e is { Name: "publish n→subscribe n", Queued: 2 }));

        Assert.InRange(run.Metrics["publish n"].ItemsOut, 1, 30);
        gate.Set();
        await run.Completion;

        Assert.Equal(500, seen);
    }

    [Fact]
    public void A_definition_names_what_does_not_meet_and_what_a_loopback_cannot_do()
    {
        var (loop, other) = (new LoopbackTransport("inside"), new LoopbackTransport("inside"));

        var refused = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("a", p =>
        {
            p.Numbers(1).Publish(loop, "a/b", NumberCodec.Default);
            p.Subscribe(loop, "a/c", NumberCodec.Default).Discard();
            p.Subscribe(other, "a/b", NumberCodec.Default).Named("other").Discard();
        }));

        Assert.Contains("nothing in the pipeline publishes to 'a/c' on 'inside'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("nothing in the pipeline publishes to 'a/b' on 'inside'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("block 'publish a/b': its output goes nowhere", refused.Message, StringComparison.Ordinal);
        void Refused(Action<PipelineBuilder> build) => Assert.Throws<ArgumentException>(() => Pipeline.Define("a", build));
        Refused(p => p.Numbers(1).Publish(loop, "n", NumberCodec.Default, retain: true));
        Refused(p => p.Subscribe(loop, "n/{site}", NumberCodec.Default));
        Refused(p => p.Subscribe(loop, "n", NumberCodec.Default, new() { Group = "g" }));
        Refused(p => p.Subscribe(loop, "n", NumberCodec.Default, new() { From = StartPosition.All }));
    }

    [Fact]
    public void A_pipeline_that_listens_to_its_own_effect_is_a_cycle()
    {
        var loop = new LoopbackTransport();

        var refused = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("a", p =>
            p.Subscribe(loop, "n", NumberCodec.Default).Publish(loop, "n", NumberCodec.Default)));

        Assert.Contains("form a cycle", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_blocks_of_a_pipeline_talk_through_it()
    {
        var loop = new LoopbackTransport("inside");

        await Assert.ThrowsAsync<TransportException>(() => loop.PublishAsync("n", default, default, Stop).AsTask());
        Assert.Throws<TransportException>(() => loop.SubscribeAsync("n", new(), Stop));
    }

    [Fact]
    public void The_graph_shows_transport_and_topic()
    {
        var text = Pipeline.Define("a", p =>
        {
            var loop = new LoopbackTransport("inside");
            p.Numbers(1).Publish(loop, "n", NumberCodec.Default).Named("sensor");
            p.Subscribe(loop, "n", NumberCodec.Default).Discard();
        }).ToMermaid();

        Assert.Contains("[/\"sensor<br/>to n<br/>inside, number/1\"/]", text, StringComparison.Ordinal);
        Assert.Contains("[/\"subscribe n<br/>inside, number/1\"/]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_without_rows_ends_a_subscription_that_asks_for_it(bool asks)
    {
        await using var air = new InProcessTransport();
        var taken = 0;
        await using var run = Pipeline.Define("a", p => p
            .Subscribe(air, "n", new EmptyCodec(), new() { EndsOnEmpty = asks }).ForEach("see", _ => taken++)).Start(null, Stop);
        foreach (var text in new[] { "1", "2", "", "3" })
        {
            await air.PublishAsync("n", new(System.Text.Encoding.UTF8.GetBytes(text)), new(new("x", taken)), Stop);
        }

        if (asks) { await run.Completion; }
        else { await run.DrainAsync(Stop); }

        Assert.Equal((asks ? 2 : 3, asks ? 0 : 1), (taken, run.Metrics["subscribe n"].Drops.GetValueOrDefault("empty")));
    }

    private static Script From(int first) => new()
    {
        Process = (call, batch) =>
        {
            if (Blocks.Number(batch) >= first) { call.Main.Emit(batch); }
            else { batch.Dispose(); }
        },
    };

    /// <summary>Numbers, and no text for a batch without rows.</summary>
    private sealed class EmptyCodec : ICodec<Batch>
    {
        public string Name => "empty/1";

        public void Encode(Batch value, IBufferWriter<byte> buffer) => NumberCodec.Default.Encode(value, buffer);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch value)
        {
            if (!bytes.IsEmpty) { return NumberCodec.Default.TryDecode(bytes, pool, out value!); }
            value = pool.Rent(Batches.Channels(1), 0);
            return true;
        }
    }

    /// <summary>What a function makes of a number.</summary>
    private sealed class TextOf(Func<int, string> text) : ICodec<Batch>
    {
        public string Name => "text-of/1";

        public void Encode(Batch value, IBufferWriter<byte> buffer) =>
            buffer.Write(System.Text.Encoding.UTF8.GetBytes(text(Blocks.Number(value))));

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch value) =>
            NumberCodec.Default.TryDecode(bytes, pool, out value!);
    }
}
