using System.Threading.Tasks.Dataflow;

namespace StreamLearn.Tests;

/// <summary>Which calls an operator gets, when, and in which order: data, control, wake-up, complete.</summary>
public sealed class CallTests
{
    [Fact]
    public async Task Complete_comes_after_the_last_message_and_from_the_first_block_to_the_last()
    {
        var log = new List<string>();
        Script At(string name) => Script.Passing((_, batch) => { lock (log) { log.Add($"{name} {Blocks.Number(batch)}"); } }) with
        {
            Complete = call =>
            {
                lock (log) { log.Add($"{name} complete"); }
                call.Main.Emit(Blocks.Number(call.Context.Pool, name == "a" ? 100 : 200));
            },
        };

        await Blocks.RunAsync(p => p.Numbers(3).Block("a", At("a")).Block("b", At("b")).Discard());

        Assert.Equal(["a 0", "a 1", "a 2", "a complete"], log.Where(l => l[0] == 'a'));
        Assert.Equal(["b 0", "b 1", "b 2", "b 100", "b complete"], log.Where(l => l[0] == 'b'));
    }

    [Fact]
    public async Task A_block_that_is_not_ready_is_opened_by_control_and_holds_its_sender_back()
    {
        var (open, seen) = (0, new List<int>());
        var run = Blocks.Start(p => p.Numbers(100).Buffer(2).Block("valve", Script.Passing((_, _) => Assert.True(open-- > 0)) with
        {
            Ready = () => open > 0,
            Control = (_, note) => open += note.Number,
        }).ControlledBy(p.Input<Note>("credit")).ForEach("see", b => { lock (seen) { seen.Add(Blocks.Number(b)); } }));
        await Eventually.TrueAsync(() => run.Metrics.Edges[0].Queued == 2);
        Assert.Equal(0, run.Metrics["valve"].ItemsIn);
        for (var round = 1; round <= 50; round++)
        {
            await run.SendAsync("credit", new Note(2));
            await Eventually.TrueAsync(() => run.Metrics["see"].ItemsIn == 2 * round);
            Assert.Equal(2 * round, run.Metrics["valve"].ItemsIn);
        }
        run.Complete("credit");
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, 100), seen);
        Assert.Equal(50, run.Metrics["valve"].Controls);
    }

    [Theory, InlineData(1), InlineData(1000)]
    public async Task A_closed_block_that_nothing_can_open_completes_even_while_its_sender_waits(int messages)
    {
        var completed = 0;
        var run = Blocks.Start(p => p.Numbers(messages).Buffer(2).Block("shut", new()
        {
            Ready = static () => false,
            Complete = call =>
            {
                completed++;
                call.Main.Emit(Blocks.Number(call.Context.Pool, 1));
            },
        }).ControlledBy(p.Input<Note>("never")).Discard());
        await run.SendAsync("never", new Note(1));
        run.Complete("never");

        await run.EndAsync();

        Assert.Equal(1, completed);
        Assert.Equal((0, 1), (run.Metrics["shut"].ItemsIn, run.Metrics["discard shut"].ItemsIn));
        Assert.Equal(run.Metrics["numbers"].ItemsOut, run.Metrics["shut"].Drops.GetValueOrDefault("after-end"));
    }

    [Fact]
    public async Task Draining_a_closed_block_with_a_full_queue_ends()
    {
        var run = Blocks.Start(p => p.Numbers(int.MaxValue).Buffer(2).Block("before").Buffer(1)
            .Block("shut", new() { Ready = static () => false }).ControlledBy(p.Input<Note>("never")).Discard());
        await Eventually.TrueAsync(() => run.Metrics.Edges.Any(e => e is { Name: "before→shut", Queued: 1 }));
        await run.DrainAsync(Cancellation).WaitAsync(Blocks.Patience);
        await run.EndAsync();
        Assert.Equal(run.Metrics["before"].ItemsOut, run.Metrics["shut"].Drops.GetValueOrDefault("after-end"));
        Assert.Equal(run.Metrics["numbers"].ItemsOut,
            run.Metrics["before"].ItemsIn + run.Metrics["before"].Drops.GetValueOrDefault("after-end"));
    }

    [Theory, InlineData("sequence"), InlineData("foreign"), InlineData("input"), InlineData("subscription")]
    public async Task Sources_whose_only_receiver_has_ended_end_too(string kind)
    {
        var transport = new ScriptedTransport();
        for (var i = 0; i < 50; i++) { transport.Deliver("in", $"{i}"); }
        var pool = new BatchPool(guard: true);
        var run = Blocks.Start(p =>
        {
            var flow = kind switch
            {
                "sequence" => p.FromSequence("in", Endless),
                "foreign" => p.FromSequence("in", Endless)
                    .Through("foreign", static () => new TransformBlock<Batch, Batch>(b => b, new() { BoundedCapacity = 2 })),
                "input" => p.Input<Batch>("in"),
                _ => p.Subscribe(transport, "in", NumberCodec.Default),
            };
            flow.Buffer(1).Block("shut", new() { Ready = static () => false }).ControlledBy(p.Input<Note>("never")).Discard();
        });
        var sender = kind == "input" ? Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++) { await run.SendAsync("in", Blocks.Number(pool, i)); }
        }) : Task.CompletedTask;
        await Eventually.TrueAsync(
            () => run.Metrics.Edges.Any(e => e is { Queued: 1 } && e.Name.EndsWith("→shut", StringComparison.Ordinal)));

        run.Complete("never");

        await run.EndAsync();
        Assert.True(await Record.ExceptionAsync(() => sender.WaitAsync(Blocks.Patience)) is null or InvalidOperationException);
        Assert.Equal(0, pool.RentedBatches);
        Assert.All(transport.Fates, f => Assert.True(kind != "subscription" || f.HasEnded));

        async IAsyncEnumerable<Batch> Endless([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
            {
                await Task.Yield();
                yield return Blocks.Number(pool, i);
            }
        }
    }

    [Fact]
    public async Task Control_after_the_end_is_counted_and_never_reaches_the_block()
    {
        var (gate, late) = (new Gate(), 0);
        var run = Blocks.Start(p => p.Numbers(1).Block("block", new()
        {
            MaxOutputsPerCall = 1,
            Control = (_, _) => late++,
            Complete = _ => gate.Pass(),
        }).ControlledBy(p.Input<Note>("notes")).Discard());
        await gate.Reached;

        for (var i = 0; i < 5; i++) { await run.SendAsync("notes", new Note(i)); }
        await Eventually.TrueAsync(() => run.Metrics["notes"].ItemsOut == 5);
        gate.Open();
        await run.EndAsync();

        Assert.Equal(0, late);
        Assert.Equal((0, 5), (run.Metrics["block"].Controls, run.Metrics["block"].Drops["after-end"]));
    }

    [Fact]
    public async Task Control_overtakes_data_that_waits()
    {
        var (gate, log) = (new Gate(), new List<string>());
        var run = Blocks.Start(p => p.Numbers(10).Block("block", new()
        {
            Process = (call, batch) =>
            {
                gate.Pass();
                log.Add($"data {Blocks.Number(batch)}");
                call.Main.Emit(batch);
            },
            Control = (_, note) => log.Add($"note {note.Number}"),
        }).ControlledBy(p.Input<Note>("notes")).Discard());
        await gate.Reached;
        await run.SendAsync("notes", new Note(1));
        await run.SendAsync("notes", new Note(2));
        await Eventually.TrueAsync(() => run.Metrics["notes"].ItemsOut == 2);
        gate.Open();
        run.Complete("notes");

        await run.EndAsync();

        Assert.Equal(["data 0", "note 1", "note 2", "data 1"], log.Take(4));
    }

    [Fact]
    public async Task A_wake_up_comes_at_its_time_once_and_the_earliest_wins()
    {
        var (clock, woken) = (new ManualTimeProvider(), new List<double>());
        var start = clock.GetUtcNow();
        var run = Blocks.Start(p => p.Input<Batch>("in").Block("block", new()
        {
            Made = context => context.WakeAt(context.Now.AddSeconds(50)),
            Process = (call, batch) =>
            {
                call.Context.WakeAt(call.Context.Now.AddSeconds(20));
                call.Context.WakeAt(call.Context.Now.AddSeconds(10));
                call.Context.WakeAt(call.Context.Now.AddSeconds(30));
                call.Main.Emit(batch);
            },
            WakeUp = call =>
            {
                lock (woken) { woken.Add((call.Context.Now - start).TotalSeconds); }
                if (woken.Count == 1) { call.Context.WakeAt(call.Context.Now.AddDays(100)); }
            },
        }).Discard(), new() { TimeProvider = clock });
        await run.SendAsync("in", Blocks.Number(run.Pool, 1));
        await Eventually.TrueAsync(() => run.Metrics["discard block"].ItemsIn == 1 && clock.PendingTimers == 1);

        clock.Advance(TimeSpan.FromSeconds(9.99));
        Assert.Empty(woken);
        clock.Advance(TimeSpan.FromSeconds(0.02));
        await Eventually.TrueAsync(() => woken.Count == 1 && clock.PendingTimers == 1);
        for (var day = 0; day < 99; day++)
        {
            clock.Advance(TimeSpan.FromDays(1));
            await Eventually.TrueAsync(() => clock.PendingTimers == 1);
        }
        Assert.Single(woken);
        clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => woken.Count == 2);
        Assert.Equal(0, clock.PendingTimers);
        run.Complete("in");
        await run.EndAsync();
        Assert.InRange(woken[0], 10, 10.01);
        Assert.Equal(2, woken.Count);
    }

    [Fact]
    public async Task A_wake_up_asked_for_by_control_or_by_a_later_message_is_not_lost()
    {
        var (clock, woken) = (new ManualTimeProvider(), 0);
        var run = Blocks.Start(p => p.Input<Batch>("in").Block("block", new()
        {
            Control = (call, note) => call.Context.WakeAt(call.Context.Now.AddSeconds(note.Number)),
            WakeUp = _ => Interlocked.Increment(ref woken),
        }).ControlledBy(p.Input<Note>("notes")).Discard(), new() { TimeProvider = clock });
        for (var round = 1; round <= 20; round++)
        {
            await run.SendAsync("notes", new Note(100));
            await run.SendAsync("notes", new Note(1));
            await run.SendAsync("in", Blocks.Number(run.Pool, 1));
            await Eventually.TrueAsync(() => run.Metrics["block"].Controls == 2 * round && run.Metrics["discard block"].ItemsIn == round);
            var asked = clock.GetUtcNow();
            await Eventually.TrueAsync(() =>
            {
                clock.Advance(TimeSpan.FromSeconds(0.05));
                return Volatile.Read(ref woken) == round;
            });
            Assert.InRange((clock.GetUtcNow() - asked).TotalSeconds, 0.99, 90);      // not the 100 s that were asked for first
        }
        run.Complete("notes");
        run.Complete("in");
        await run.EndAsync();
    }

    [Fact]
    public async Task Wake_ups_without_end_neither_starve_data_nor_outlive_it()
    {
        var woken = 0;
        var run = Blocks.Start(p => p.Input<Batch>("in").Block("block", new()
        {
            Made = static context => context.WakeAt(context.Now),
            WakeUp = call =>
            {
                Interlocked.Increment(ref woken);
                call.Context.WakeAt(call.Context.Now);
            },
        }).Discard());
        for (var i = 0; i < 100; i++) { await run.SendAsync("in", Blocks.Number(run.Pool, i)); }
        await Eventually.TrueAsync(() => run.Metrics["block"].ItemsIn == 100 && Volatile.Read(ref woken) > 100);
        run.Complete("in");
        await run.EndAsync();

        Assert.Equal(100, run.Metrics["discard block"].ItemsIn);
    }

    [Fact]
    public async Task A_slowed_device_sleeps_after_its_calls_holds_their_outputs_and_still_wakes_up()
    {
        var (clock, woken) = (new ManualTimeProvider(), 0);
        var run = Blocks.Start(p => p.Input<Batch>("in").Block("block", new()
        {
            Process = (call, batch) =>
            {
                if (Blocks.Number(batch) == 0) { call.Context.WakeAt(call.Context.Now.AddSeconds(10)); }
                clock.Advance(TimeSpan.FromSeconds(1));
                call.Main.Emit(batch);
            },
            WakeUp = _ => Interlocked.Increment(ref woken),
        }).Discard(), new() { TimeProvider = clock, Slowdown = 4 });
        await run.SendAsync("in", Blocks.Number(run.Pool, 0));
        await run.SendAsync("in", Blocks.Number(run.Pool, 1));
        await Eventually.TrueAsync(() => run.Metrics["block"].ItemsIn == 1 && clock.PendingTimers == 1);

        clock.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(1, run.Metrics["block"].ItemsIn);
        Assert.Equal(0, run.Metrics["discard block"].ItemsIn);      // the output leaves as the slow call ends
        clock.Advance(TimeSpan.FromSeconds(0.2));
        await Eventually.TrueAsync(() => run.Metrics["block"].ItemsIn == 2 && clock.PendingTimers > 0);
        await Eventually.TrueAsync(() => run.Metrics["discard block"].ItemsIn == 1);
        clock.Advance(TimeSpan.FromSeconds(4));                     // the discarding may still last, and sleeps then too
        await Eventually.TrueAsync(() => clock.PendingTimers > 0);
        Assert.Equal(0, woken);
        clock.Advance(TimeSpan.FromSeconds(4));
        await Eventually.TrueAsync(() => Volatile.Read(ref woken) == 1);
        run.Complete("in");
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return run.Completion.IsCompleted;
        });
        await run.EndAsync();
    }
}
