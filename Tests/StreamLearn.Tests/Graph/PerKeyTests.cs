namespace StreamLearn.Tests;

public sealed class PerKeyTests
{
    private static readonly Schema Keyed = new(new Field("device", ColumnType.Int32, Unit.One), Field.Channel("x", Unit.One));
    private static readonly Script ThrowsAtTwo = Script.Throws(static batch => batch["device"].Values<int>()[0] == 2, "two");

    [Fact]
    public async Task A_key_keeps_its_earliest_wake_up_whatever_else_is_called()
    {
        var (clock, woken) = (new ManualTimeProvider(), new List<string>());
        Script At(string name, double? seconds) => Script.Passing((call, _) =>
        {
            if (seconds is { } s) { call.Context.WakeAt(call.Context.Now.AddSeconds(s)); }
        }) with
        { WakeUp = _ => { lock (woken) { woken.Add(name); } } };
        var run = Blocks.Start(
            p => p.Input<Batch>("in", Keyed)
                .PerKey("device", f => f.Block("late", At("late", 20)).Block("early", At("early", 5)).Block("never", At("never", null)))
                .Discard(), new() { TimeProvider = clock });
        await run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { 7 }, new[] { 1f }));
        await Eventually.TrueAsync(
            () => run.Metrics.Blocks.Any(b => b.Block.StartsWith("discard", StringComparison.Ordinal) && b.ItemsIn == 1));

        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(0.1));
            return Woken() == 2;
        });
        Assert.Equal(["early", "late"], woken);
        run.Complete("in");
        await run.EndAsync();

        int Woken() { lock (woken) { return woken.Count; } }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task An_inner_block_that_throws_leaks_nothing(bool skip)
    {
        var run = Blocks.Start(p => p.Input<Batch>("in", Keyed)
            .PerKey("device", f => f.Block("twice", Script.Times(2)).Block("throws", ThrowsAtTwo))
            .OnError(skip ? ErrorPolicy.Skip : ErrorPolicy.Fail).Discard());
        await run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { 1, 2, 1, 3 }, new[] { 1f, 2f, 3f, 4f }));
        if (!skip)
        {
            await run.FailAsync("per-key device");
            return;
        }
        run.Complete("in");
        await run.EndAsync();
        Assert.Equal((2, 4), (run.Metrics["per-key device"].Drops["error"], run.Metrics["per-key device"].ItemsOut));
    }

    [Fact]
    public void An_inner_error_policy_holds_for_the_rows_of_one_key()
    {
        using var probe = Probe(f => f.Block("throws", ThrowsAtTwo).OnError(ErrorPolicy.Retry(2, ErrorPolicy.Skip)));
        probe.Send(Batches.Of(probe.Pool, Keyed, new[] { 1, 2, 3 }, new[] { 1f, 2f, 3f }));
        Assert.Equal([1f, 3f], probe.TakeAll<Batch>().Select(b => b["x"].Values<float>()[0]));
        Assert.Equal((2, 1), (probe.Metrics.Counter("retries"), probe.Metrics.RowsDropped["error"]));
    }

    [Fact]
    public void A_control_input_inside_steers_within_its_key()
    {
        var heard = new List<string>();
        using var probe = Probe(f =>
        {
            var notes = f.Via("notes", new Script(), static (Script _, OperatorContext _, IOutput<Note> output) => new Notes(output));
            return f.Block("hears", new() { Control = (call, note) => heard.Add($"{call.Context.Pipeline} {note.Number}") })
                .ControlledBy(notes);
        });
        probe.Send(Batches.Of(probe.Pool, Keyed, new[] { 1, 2 }, new[] { 10f, 20f }));
        Assert.Equal(["probe/1 10", "probe/2 20"], heard);
        Assert.Equal(2, probe.Count());
    }

    [Fact]
    public async Task The_dead_letter_of_an_inner_block_holds_the_rows_of_one_key()
    {
        var letters = new List<string>();
        var run = Blocks.Start(p =>
        {
            p.Input<Batch>("in", Keyed).PerKey("device", f => f.Block("throws", ThrowsAtTwo)).OnError(ErrorPolicy.DeadLetter).Discard();
            p.DeadLetters.ForEach(
                "letters", l => letters.Add($"{l.Block} {string.Join(' ', ((Batch)l.Item)["x"].Values<float>().ToArray())}"));
        });
        await run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { 1, 2, 2 }, new[] { 1f, 2f, 3f }));
        run.Complete("in");

        await run.EndAsync();

        Assert.Equal(["throws 2 3"], letters);
        Assert.Equal(2, run.Metrics["per-key device"].RowsDropped["dead-letter"]);
    }

    [Fact]
    public void Outputs_beyond_what_a_call_may_emit_come_with_the_next_calls()
    {
        const int Keys = 5000;
        using var probe = Probe(f => f.Block("twice", Script.Times(2)), maxKeys: 100);
        probe.Send(Batches.Of(probe.Pool, Keyed, Enumerable.Range(0, Keys).ToArray(), new float[Keys]));
        Assert.Equal((1024, false), (probe.Count(), probe.Ready));
        probe.Advance(TimeSpan.Zero);
        Assert.True(probe.Ready);
        Assert.Equal(Enumerable.Range(0, 2 * Keys).Select(i => i / 2), probe.TakeAll<Batch>().Select(b => b["device"].Values<int>()[0]));
        Assert.Equal(Keys - 100, probe.Metrics.Counter("keys-evicted"));
    }

    [Fact]
    public void Batches_of_many_keys_wider_than_an_edge_are_emitted_in_slices()
    {
        var channels = Enumerable.Range(0, 64).Select(static i => Field.Channel($"x{i}", Unit.One));
        var wide = new Schema([new("device", ColumnType.Int64, Unit.One), .. channels]);
        using var probe = OperatorProbe.Of<Batch, Batch>(
            f => f.PerKey("device", k => k.Block("pass")).Buffer(64, capacityBytes: 1 << 20), wide);
        var batch = probe.Pool.Rent(wide, 3000);
        for (var row = 0; row < 3000; row++) { batch["device"].Writable<long>()[row] = row % 750; }
        probe.Send(batch);
        probe.Advance(TimeSpan.Zero);
        var parts = probe.TakeAll<Batch>();
        Assert.Equal((750, 3000), (parts.Count, parts.Sum(p => p.Rows)));
    }

    [Fact]
    public void An_inner_block_that_closes_and_asks_for_a_wake_up_at_once_is_opened_within_the_call()
    {
        var left = 0;
        using var probe = Probe(f => f.Block("slices", new()
        {
            Ready = () => left == 0,
            Process = (call, batch) =>
            {
                Assert.Equal(0, left);
                left = 3;
                call.Held.Add(batch);
                call.Context.WakeAt(call.Context.Now);
            },
            WakeUp = call =>
            {
                call.Main.Emit(call.Held[0].Retain());
                if (--left > 0)
                {
                    call.Context.WakeAt(call.Context.Now);
                    return;
                }
                call.Held[0].Dispose();
                call.Held.Clear();
            },
        }));
        probe.Send(Batches.Of(probe.Pool, Keyed, new[] { 2, 1, 2 }, new[] { 1f, 2f, 3f }));

        Assert.Equal([2, 2, 2, 1, 1, 1], probe.TakeAll<Batch>().Select(b => b["device"].Values<int>()[0]));
    }

    [Fact]
    public void An_inner_block_that_closes_for_a_while_holds_its_key_up_and_no_rows_are_lost()
    {
        var open = true;
        using var probe = Probe(f => f.Block("rests", new()
        {
            Ready = () => open,
            Process = (call, batch) =>
            {
                open = false;
                call.Context.WakeAt(call.Context.Now.AddSeconds(1));
                call.Main.Emit(batch);
            },
            WakeUp = _ => open = true,
        }));
        for (var i = 0; i < 10; i++) { probe.Send(Batches.Of(probe.Pool, Keyed, new[] { 7 }, new[] { (float)i })); }
        Assert.Equal(1, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal(Enumerable.Range(0, 10).Select(i => (float)i), probe.TakeAll<Batch>().Select(b => b["x"].Values<float>()[0]));
    }

    [Fact]
    public void An_inner_block_that_nothing_can_open_completes_as_it_would_outside()
    {
        var (open, completed) = (true, 0);
        using var probe = Probe(f => f.Block("shut", new()
        {
            Ready = () => open,
            Process = (_, batch) =>
            {
                open = false;
                batch.Dispose();
            },
            Complete = _ => completed++,
        }));
        for (var i = 0; i < 3; i++) { probe.Send(Batches.Of(probe.Pool, Keyed, new[] { 1 }, new[] { 1f })); }

        Assert.Equal((1, 2), (completed, probe.Metrics.RowsDropped["after-end"]));
    }

    [Fact]
    public void A_key_that_is_evicted_while_it_is_closed_keeps_its_place_and_its_rows_until_it_opens()
    {
        var completed = 0;
        using var probe = Probe(f => f.Via("rests", 0,
            (int _, OperatorContext context, IOutput<Batch> output) => new Resting(context, output, () => completed++)), maxKeys: 1);

        probe.Send(Batches.Of(probe.Pool, Keyed, new[] { 0 }, new[] { 1f }));
        probe.Send(Batches.Of(probe.Pool, Keyed, new[] { 0, 1 }, new[] { 2f, 3f }));
        Assert.False(probe.Ready);
        probe.Advance(TimeSpan.FromSeconds(10));
        probe.Complete();

        Assert.Equal([1f, 2f, 3f], probe.TakeAll<Batch>().Select(b => b["x"].Values<float>()[0]));
        Assert.Equal((2, 1L), (completed, probe.Metrics.Counter("keys-evicted")));
        Assert.Empty(probe.Metrics.Drops);
    }

    [Fact]
    public async Task A_run_that_is_stopped_while_a_key_is_evicted_gives_everything_back()
    {
        using var stop = new CancellationTokenSource();
        var (made, disposed, canceled) = (0, 0, false);
        var run = Blocks.Start(p => p.Input<Batch>("in", Keyed).PerKey("device", f => f.Block("holds", new()
        {
            Made = _ => made++,
            Disposed = () => disposed++,
            Process = static (call, batch) => call.Held.Add(batch),
            Complete = call =>
            {
                if (canceled) { return; }
                canceled = true;
                stop.Cancel();
            },
        }), maxKeys: 2).Discard(), cancellationToken: stop.Token);
        await run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { 1, 2, 3, 4 }, new[] { 1f, 2f, 3f, 4f }));

        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
        Assert.True(made >= 2);
        Assert.Equal(made, disposed);
        Assert.All(run.Metrics.Blocks, static b => Assert.Equal(0, b.Errors));
    }

    [Theory, InlineData(OnFull.DropOldest), InlineData(OnFull.KeepLatest)]
    public void Edges_inside_wait(OnFull onFull)
    {
        var refusal = Assert.Throws<ArgumentException>(() => Pipeline.Define("p", p => p.Input<Batch>("in", Keyed)
            .PerKey("device", f => f.Block("first").Buffer(2, onFull).Block("second")).Discard()));
        Assert.StartsWith($"edges inside PerKey always wait, but the one after 'first' has {onFull}", refusal.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inner_block_that_never_opens_can_still_be_canceled()
    {
        var (open, woken) = (true, 0);
        var run = Blocks.Start(p => p.Input<Batch>("in", Keyed).PerKey("device", f => f.Block("spins", new()
        {
            Ready = () => open,
            Process = (call, batch) =>
            {
                open = false;
                batch.Dispose();
                call.Context.WakeAt(call.Context.Now);
            },
            WakeUp = call =>
            {
                Interlocked.Increment(ref woken);
                call.Context.WakeAt(call.Context.Now);
            },
        })).Discard());
        await run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { 1 }, new[] { 1f }));
        await Eventually.TrueAsync(() => Volatile.Read(ref woken) > 1000 || run.Completion.IsCompleted);

        await run.DisposeAsync().AsTask().WaitAsync(Blocks.Patience);

        Assert.True(run.Completion.IsCanceled, $"{run.Completion.Exception}");
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public void Values_of_several_keys_add_up_and_leave_with_their_key()
    {
        using var probe = Probe(f => f.Block("holds", new()
        {
            Process = static (call, batch) =>
            {
                call.Held.Add(batch);
                call.Context.Gauge("held", call.Held.Count);
            },
        }), maxKeys: 2);
        void Send(params int[] keys)
        {
            probe.Send(Batches.Of(probe.Pool, Keyed, keys, keys.Select(k => (float)k).ToArray()));
            probe.Advance(TimeSpan.FromSeconds(1));
        }

        Send(1, 2);
        Assert.Equal(2, probe.Metrics.Gauges["held"]);
        Send(1);
        Assert.Equal(3, probe.Metrics.Gauges["held"]);
        Send(2);
        Send(2);
        Assert.Equal(5, probe.Metrics.Gauges["held"]);
        Send(3);
        Assert.Equal((1, 4.0), (probe.Metrics.Counter("keys-evicted"), probe.Metrics.Gauges["held"]));
    }

    [Fact]
    public void Rows_without_a_key_are_dropped_and_counted()
    {
        var schema = new Schema(new Field("device", ColumnType.Int32, Unit.One, Nullable: true), Field.Channel("x", Unit.One));
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.PerKey("device", k => k.Block("pass")), schema);
        probe.Send(Batches.Of(probe.Pool, schema, new int?[] { 1, null, 1, null }, new[] { 1f, 2f, 3f, 4f }));
        probe.Send(Batches.Of(probe.Pool, schema, new int?[] { null }, new[] { 5f }));
        var batch = Assert.Single(probe.TakeAll<Batch>());
        Assert.Equal([1f, 3f], batch["x"].Values<float>().ToArray());
        Assert.Equal(3, probe.Metrics.RowsDropped["no-key"]);
    }

    [Fact]
    public void Keys_may_live_for_ever()
    {
        using var probe = Probe(f => f.Block("pass"), idle: TimeSpan.MaxValue);
        probe.Send(Batches.Of(probe.Pool, Keyed, new[] { 1 }, new[] { 1f }));
        probe.Advance(TimeSpan.FromDays(1000));
        Assert.Equal((1, 0), (probe.Count(), probe.Metrics.Counter("keys-evicted")));
    }

    [Fact]
    public void All_keys_may_emit_at_the_end()
    {
        using var probe = Probe(f => f.Block("last", new()
        {
            Process = static (_, batch) => batch.Dispose(),
            Complete = static call => call.Main.Emit(Batches.Of(call.Context.Pool, Keyed, new[] { 0 }, new[] { 0f })),
        }), maxKeys: 3000);
        probe.Send(Batches.Of(probe.Pool, Keyed, Enumerable.Range(0, 2000).ToArray(), new float[2000]));
        probe.Complete();
        Assert.True(probe.AwaitingReplies);
        probe.Advance(TimeSpan.Zero);
        Assert.Equal((2000, false), (probe.Count(), probe.AwaitingReplies));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_run_that_ends_in_the_midst_of_inner_calls_gives_back_what_they_hold(bool throws)
    {
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(
            p => p.Input<Batch>("in", Keyed).PerKey("device", f => f
                .Via("hold", 0, (int _, OperatorContext context, IOutput<Batch> output) => new HoldThree(context, output))
                .Block("end", new()
                {
                    Process = (call, batch) =>
                    {
                        call.Main.Emit(batch);
                        if (throws) { throw new InvalidOperationException("the cause"); }
                        stop.Cancel();
                    },
                })).Discard(),
            cancellationToken: stop.Token);

        var sending = Enumerable.Range(0, 10)
            .Select(i => run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { i % 3 }, new[] { 1f })).AsTask()).ToList();
        var failure = await Record.ExceptionAsync(() => run.Completion.WaitAsync(Blocks.Patience));
        foreach (var one in sending) { await Record.ExceptionAsync(() => one); }

        if (throws) { Assert.Equal("the cause", Assert.IsType<BlockFailedException>(failure).InnerException!.Message); }
        else { Assert.IsAssignableFrom<OperationCanceledException>(failure); }
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task An_inner_branch_that_throws_leaks_nothing_of_the_other_branch()
    {
        var run = Blocks.Start(p => p.Input<Batch>("in", Keyed).PerKey("device", f =>
        {
            var first = f.Block("first");
            var throws = first.Block("throws", new() { Process = static (_, _) => throw new InvalidOperationException("no") });
            return throws.Merge(first.Block("other"));
        }).Discard());
        await run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { 1, 2 }, new[] { 1f, 2f }));
        await run.FailAsync("per-key device");
    }

    /// <summary>Makes a note of each batch.</summary>
    private sealed class Notes(IOutput<Note> output) : Operator<Batch>
    {
        public override void Process(Batch input)
        {
            output.Emit(new((int)input["x"].Values<float>()[0]));
            input.Dispose();
        }
    }

    private static OperatorProbe Probe(Func<Flow<Batch>, Flow<Batch>> inner, int maxKeys = 256, TimeSpan? idle = null) =>
        OperatorProbe.Of<Batch, Batch>(f => f.PerKey("device", inner, maxKeys, idle), Keyed);

    /// <summary>Holds batches; from the third on it emits the first of them at once.</summary>
    private sealed class HoldThree(OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IDisposable
    {
        private readonly Queue<Batch> _held = [];

        public override void Process(Batch input)
        {
            _held.Enqueue(input);
            if (_held.Count == 3) { context.WakeAt(context.Now); }
        }

        public override void WakeUp() => output.Emit(_held.Dequeue());
        public void Dispose() { foreach (var batch in _held) { batch.Dispose(); } }
    }

    /// <summary>Holds a batch for a second, and is closed meanwhile.</summary>
    private sealed class Resting(OperatorContext context, IOutput<Batch> output, Action completed) : Operator<Batch>, IDisposable
    {
        private Batch? _held;
        public override bool Ready => _held is null;

        public override void Process(Batch input)
        {
            _held = input;
            context.WakeAt(context.Now.AddSeconds(1));
        }

        public override void WakeUp() => Emit();

        public override void Complete()
        {
            completed();
            Emit();
        }

        public void Dispose() => _held?.Dispose();

        private void Emit()
        {
            if (_held is { } held) { output.Emit(held); }
            _held = null;
        }
    }
}
