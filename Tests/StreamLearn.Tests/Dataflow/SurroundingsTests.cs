using System.Diagnostics;

namespace StreamLearn.Tests;

/// <summary>What surrounds a run: the starter's context, code of the program's that a stage calls, outputs of another type, blocks that
/// cannot be made.</summary>
public sealed class SurroundingsTests
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Fact]
    public async Task Nothing_of_the_context_of_who_starts_a_run_or_sends_into_it_reaches_its_blocks()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        void Look(string where) => seen.Enqueue($"{where}: {Ambient.Value ?? "-"}, {Activity.Current?.OperationName ?? "-"}");
        Script Looking(string name) => new()
        {
            Process = (call, batch) =>
            {
                Look(name);
                call.Context.WakeAt(call.Context.Now);
                call.Main.Emit(batch);
            },
            WakeUp = _ => Look($"{name} wake-up"),
            Complete = _ => Look($"{name} complete"),
        };

        async IAsyncEnumerable<Batch> Sequence()
        {
            Look("sequence");
            await Task.Yield();
            Look("sequence later");
            yield break;
        }

        using (var activity = new Activity("starter").Start())
        {
            Ambient.Value = "starter";
            var run = Blocks.Start(p =>
            {
                p.Input<Batch>("in").Block("block", Looking("block")).Discard();
                p.FromSequence("sequence", _ => Sequence()).Discard();
            });
            Ambient.Value = "sender";
            for (var i = 0; i < 100; i++) { await run.SendAsync("in", Blocks.Number(run.Pool, i)); }
            run.Complete("in");
            await run.EndAsync();
            Assert.Equal(("sender", "starter"), (Ambient.Value, Activity.Current?.OperationName));
        }
        Assert.Contains("block: -, -", seen);
        Assert.Contains("sequence later: -, -", seen);
        Assert.All(seen.Distinct(), line => Assert.EndsWith(": -, -", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_merge_may_wait_for_the_block_that_it_merges_for()
    {
        var (processed, merging) = (new Gate(), new Gate());
        var seen = new List<int>();
        var run = Blocks.Start(p => p.Input<Batch>("merged").Coalesce((queued, added) =>
        {
            merging.Open();
            processed.Pass();
            queued.Dispose();
            return added;
        }).Merge(p.Input<Batch>("other")).Block("block", Script.Passing((_, batch) =>
        {
            var number = Blocks.Number(batch);
            if (number == 100) { merging.Pass(); }
            if (number == 101) { processed.Open(); }
        })).Collect(seen));
        await run.SendAsync("other", Blocks.Number(run.Pool, 100));
        await Eventually.TrueAsync(() => run.Metrics["block"].ItemsIn == 1);
        for (var i = 0; i < 2; i++) { await run.SendAsync("merged", Blocks.Number(run.Pool, i)); }
        await run.SendAsync("other", Blocks.Number(run.Pool, 101));
        run.Complete("merged");
        run.Complete("other");
        await run.EndAsync();

        Assert.Equal([1, 100, 101], seen.Order());
    }

    [Fact]
    public async Task A_start_without_an_epoch_is_told_by_its_time()
    {
        var transport = new ScriptedTransport();
        var time = new ManualTimeProvider();
        foreach (long? epoch in new long?[] { null, null, 7 })
        {
            await Blocks.RunAsync(
                p => p.Numbers(1).Publish(transport, "out", NumberCodec.Default),
                new() { Epoch = epoch, TimeProvider = time });
            time.Advance(TimeSpan.FromMilliseconds(3));
        }
        var first = transport.Published[0].Origin.Epoch;
        Assert.True(first > 0);
        Assert.Equal([first, first + 3, 7], transport.Published.Select(m => m.Origin.Epoch));
    }

    [Fact]
    public async Task A_drain_ends_a_sequence_that_looks_at_no_token()
    {
        var run = Blocks.Start(p => p.FromSequence("endless", static _ => Endless()).Discard());
        await Eventually.TrueAsync(() => run.Metrics["discard endless"].ItemsIn > 10);

        await run.DrainAsync(Cancellation).WaitAsync(Blocks.Patience);

        await run.EndAsync();

        static async IAsyncEnumerable<string> Endless()
        {
            while (true)
            {
                yield return "more";
                await Task.Yield();
            }
        }
    }

    [Theory, InlineData("source"), InlineData("sequence"), InlineData("numbers")]
    public async Task No_message_at_all_fails_who_gave_it(string block)
    {
        var run = Blocks.Start(p =>
        {
            var flow = block switch
            {
                "source" => p.From("source", 0, static (int _, OperatorContext _) => new Nothing()),
                "sequence" => p.FromSequence("sequence", static _ => new Batch[] { null! }.ToAsyncEnumerable()),
                _ => p.Numbers(1000).Coalesce(static (queued, added) =>
                {
                    queued.Dispose();
                    added.Dispose();
                    return null!;
                }),
            };
            flow.Block("innocent", Script.Passing((call, _) =>
                call.Context.Cancellation.WaitHandle.WaitOne(block == "numbers" ? Blocks.Patience : TimeSpan.Zero))).Discard();
        });
        Assert.Equal("expected a message, got null", (await run.FailAsync(block)).InnerException!.Message);
    }

    private sealed class Nothing : Source<Batch>
    {
        public override DateTimeOffset? NextAt => DateTimeOffset.UnixEpoch;
        public override Batch Next() => null!;
    }

    [Fact]
    public async Task An_output_is_read_as_what_it_has_or_not_at_all()
    {
        var run = Blocks.Start(p => p.Numbers(3).Output("out"));

        var failure = Assert.Throws<ArgumentException>(() => run.ReadAllAsync<string>("out"));
        Assert.Equal("output 'out' has Batch, not String", failure.Message);
        Assert.Throws<KeyNotFoundException>(() => run.ReadAllAsync<Batch>("other"));
        var count = 0;
        await foreach (var item in run.ReadAllAsync<IOwned>("out"))
        {
            item.Dispose();
            count++;
        }
        await run.EndAsync();
        Assert.Equal(3, count);
    }

    [Fact]
    public void A_block_that_cannot_be_made_is_named()
    {
        var failure = Assert.Throws<BlockFailedException>(() => Blocks.Start(p => p.Numbers(1).Block("broken", new()
        {
            Made = static _ => throw new InvalidOperationException("no model"),
        }).Discard()));
        Assert.Equal("test/broken: cannot be made: no model", failure.Message);
        Assert.Equal(-1, failure.Item);
    }

    [Fact]
    public void Edges_that_cannot_be_are_refused_at_wiring()
    {
        Refused<ArgumentOutOfRangeException>(p => p.EdgeDefaults = new() { CapacityMessages = 0 });
        Refused<ArgumentOutOfRangeException>(p => p.EdgeDefaults = new() { CapacityBytes = -1 });
        Refused<ArgumentOutOfRangeException>(p => p.EdgeDefaults = new() { OnFull = (OnFull)7 });
        Refused<ArgumentException>(p => p.EdgeDefaults = new() { OnFull = OnFull.Coalesce });
        Refused<ArgumentOutOfRangeException>(p => p.Numbers(1).Buffer(-3));
        Refused<ArgumentOutOfRangeException>(p => p.Numbers(1).Buffer(3, (OnFull)(-1)));
        Refused<ArgumentException>(p => p.Numbers(1).Buffer(3, OnFull.Coalesce));
        var problem = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("p", p =>
            p.Numbers(1).Block("block").ControlledBy(p.Input<Note>("notes").Buffer(3, OnFull.DropOldest)).Discard()));
        Assert.Contains("control never waits", problem.Message, StringComparison.Ordinal);

        static void Refused<T>(Action<PipelineBuilder> build) where T : Exception => Assert.Throws<T>(() => Pipeline.Define("p", build));
    }

    [Fact]
    public void A_default_policy_that_drops_does_not_reach_control_flows()
    {
        var pipeline = Pipeline.Define("p", p =>
        {
            p.EdgeDefaults = new() { OnFull = OnFull.DropOldest, CapacityMessages = 5 };
            p.Numbers(1).Block("block").ControlledBy(p.Input<Note>("notes")).Discard();
        });
        var control = pipeline.Edges.Single(e => e.IsControl);
        Assert.Equal((OnFull.Wait, 5), (control.Options.OnFull, control.Options.CapacityMessages));
    }
}
