namespace StreamLearn.Tests;

/// <summary>What throws, wherever it is, ends the run in good order or is handled as its block's policy says.</summary>
public sealed class FaultTests
{
    private static readonly Script Boom = Script.Passing(static (_, batch) =>
    {
        if (Blocks.Number(batch) == 7) { throw new AggregateException(new InvalidOperationException("boom")); }
    });

    [Theory, InlineData("first"), InlineData("branch"), InlineData("last"), InlineData("each")]
    public async Task A_block_that_throws_fails_the_run_by_its_name_and_the_number_of_its_call(string where)
    {
        var disposed = 0;
        Script At(string name) => (where == name ? Boom : new()) with { Disposed = () => Interlocked.Increment(ref disposed) };

        var run = Blocks.Start(p =>
        {
            var first = p.Numbers(100_000).Block("first", At("first"));
            first.Buffer(3).Block("branch", At("branch")).Merge(first.Block("other", At("other")))
                .Buffer(2).Block("merged", At("merged")).Discard();
            first.Block("last", At("last")).ForEach("each", b =>
            {
                if (where == "each" && Blocks.Number(b) == 7) { throw new InvalidOperationException("boom"); }
            });
        });
        var failure = await run.FailAsync(where);
        Assert.Equal(8, failure.Item);
        Assert.Equal("boom", Assert.IsType<InvalidOperationException>(failure.InnerException).Message);
        Assert.Equal(5, disposed);
        Assert.Equal(1, run.Metrics[where].Errors);
    }

    [Fact]
    public async Task A_reader_of_an_output_fails_the_run_with_what_it_met()
    {
        var run = Blocks.Start(static p => p.Numbers(100).Output("out"));
        await foreach (var batch in run.ReadAllAsync<Batch>("out", Cancellation))
        {
            batch.Dispose();
            run.Fail("out", new InvalidOperationException("boom"));
        }
        Assert.Equal("boom", (await run.FailAsync("out")).InnerException!.Message);
        Assert.Throws<KeyNotFoundException>(() => run.Fail("none", new InvalidOperationException("boom")));
    }

    [Fact]
    public async Task A_source_an_input_sequence_and_a_merge_that_throw_fail_the_run()
    {
        await Blocks.Start(
            p => p.From("broken", 0, static (int _, OperatorContext context) => new Broken(context.Pool)).Discard()).FailAsync("broken");
        await Blocks.Start(p => p.FromSequence("sequence", Fail).Discard()).FailAsync("sequence");
        await Blocks.Start(p => p.Numbers(10).Coalesce(static (_, _) => throw new InvalidOperationException("no"))
            .Block("slow", Script.Passing((call, _) => call.Context.Cancellation.WaitHandle.WaitOne(Blocks.Patience))).Discard())
            .FailAsync("numbers");

        static async IAsyncEnumerable<string> Fail(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return "one";
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException("sequence broke");
        }
    }

    [Theory, InlineData("complete"), InlineData("wake-up"), InlineData("control")]
    public async Task Other_calls_that_throw_fail_the_run_too(string which)
    {
        static void Throw(Call call) => throw new InvalidOperationException("boom");
        var run = Blocks.Start(p => p.Input<Batch>("in").Block("block", new()
        {
            Made = context => context.WakeAt(which == "wake-up" ? context.Now : DateTimeOffset.MaxValue),
            Complete = which == "complete" ? Throw : static _ => { },
            WakeUp = which == "wake-up" ? Throw : static _ => { },
            Control = which == "control" ? static (_, _) => throw new InvalidOperationException("boom") : static (_, _) => { },
        }).ControlledBy(p.Input<Note>("notes")).Discard());
        try
        {
            if (which != "wake-up") { await run.SendAsync("notes", new Note(1)); }
            if (which == "complete") { run.Complete("in"); }
        }
        catch (InvalidOperationException)
        {
            // The run had already failed.
        }
        await run.FailAsync("block");
    }

    [Fact]
    public async Task What_a_failed_call_emitted_is_discarded()
    {
        var seen = new List<int>();
        var run = await Blocks.RunAsync(p => p.Numbers(10).Block("block", new()
        {
            MaxOutputsPerCall = 2,
            Process = static (call, batch) =>
            {
                call.Main.Emit(batch.Retain());
                var even = Blocks.Number(batch) % 2 == 0;
                call.Main.Emit(batch);
                if (even) { throw new InvalidOperationException("even"); }
            },
        }).OnError(ErrorPolicy.Skip).Collect(seen));
        Assert.Equal([1, 1, 3, 3, 5, 5, 7, 7, 9, 9], seen);
        Assert.Equal((10, 10, 5, 5),
            (run.Metrics["block"].ItemsIn, run.Metrics["block"].ItemsOut,
                run.Metrics["block"].Errors, run.Metrics["block"].Drops["error"]));
    }

    [Fact]
    public async Task A_skipped_message_is_kept_from_what_the_failed_call_did_to_it()
    {
        var letters = new List<(string, int)>();
        await Blocks.RunAsync(p =>
        {
            p.Numbers(5).Block("block", new()
            {
                Process = static (call, batch) =>
                {
                    var writable = batch.ToWritable();
                    writable.Channels[0].Writable<float>()[0] += 100;
                    if (Blocks.Number(writable) == 103) { throw new InvalidOperationException("three"); }
                    call.Main.Emit(writable);
                },
            }).OnError(ErrorPolicy.DeadLetter).Discard();
            p.DeadLetters.ForEach("letters", l => letters.Add(($"{l.Block}: {l.Reason}", Blocks.Number((Batch)l.Item))));
        });
        Assert.Equal(("block: three", 3), Assert.Single(letters));
    }

    [Fact]
    public async Task Retry_repeats_the_call_with_the_same_input_and_then_does_as_told()
    {
        var calls = new List<int>();
        Script Flaky() => Script.Passing((_, batch) =>
        {
            calls.Add(Blocks.Number(batch));
            if (Blocks.Number(batch) == 1 && calls.Count(c => c == 1) < 3) { throw new InvalidOperationException("flaky"); }
            if (Blocks.Number(batch) == 2) { throw new InvalidOperationException("never"); }
        });

        var skipped = await Blocks.RunAsync(
            p => p.Numbers(4).Block("block", Flaky()).OnError(ErrorPolicy.Retry(2, ErrorPolicy.Skip)).Discard());
        Assert.Equal([0, 1, 1, 1, 2, 2, 2, 3], calls);
        Assert.Equal((4, 3, 4, 5),
            (skipped.Metrics["block"].ItemsIn, skipped.Metrics["block"].ItemsOut,
                skipped.Metrics["block"].Counter("retries"), skipped.Metrics["block"].Errors));

        calls.Clear();
        var failed = Blocks.Start(p => p.Numbers(4).Block("block", Flaky()).OnError(ErrorPolicy.Retry(1)).Discard());
        Assert.Equal(2, (await failed.FailAsync("block")).Item);
    }

    [Fact]
    public async Task Dead_letters_are_counted_once_and_a_block_that_fails_on_them_fails_the_run_without_a_leak()
    {
        var odd = Script.Throws(static batch => Blocks.Number(batch) % 2 == 1, "odd");
        var run = await Blocks.RunAsync(p =>
        {
            p.Numbers(100).Block("block", odd).OnError(ErrorPolicy.DeadLetter).Discard();
            p.DeadLetters.Discard("lost");
        });
        Assert.Equal(
            (100, 50, 50), (run.Metrics["block"].ItemsIn, run.Metrics["block"].ItemsOut, run.Metrics["block"].Drops["dead-letter"]));
        Assert.Equal(50, run.Metrics["discard dead-letters"].Drops["lost"]);

        await Blocks.Start(p =>
        {
            p.Numbers(100).Block("block", odd).OnError(ErrorPolicy.DeadLetter).Discard();
            p.DeadLetters.ForEach("letters", static _ => throw new InvalidOperationException("no letters today"));
        }).FailAsync("letters");
    }

    [Fact]
    public async Task Emitting_more_than_declared_or_outside_a_call_is_an_error_of_the_block()
    {
        var failure = await Blocks.Start(p => p.Numbers(3).Block("block", Script.Times(2) with { MaxOutputsPerCall = 1 }).Discard())
            .FailAsync("block");
        Assert.Contains("more than the 1 message it declares (MaxOutputsPerCall)", failure.Message, StringComparison.Ordinal);
        Call? kept = null;
        await Blocks.RunAsync(p => p.Numbers(1).Block("block", Script.Passing((call, _) => kept = call)).Discard());
        var pool = new BatchPool();
        var late = Blocks.Number(pool, 1);
        Assert.Equal("emitted outside a call", Assert.Throws<InvalidOperationException>(() => kept!.Main.Emit(late)).Message);
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public async Task More_bytes_from_one_call_than_the_next_edge_holds_and_a_single_larger_message_are_errors_that_say_what_to_do()
    {
        var many = await Blocks.Start(p => p.Numbers(3).Block("block", Script.Times(5))
            .Buffer(64, capacityBytes: 1024).Discard()).FailAsync("block");
        Assert.Contains("raise it with Buffer", many.Message, StringComparison.Ordinal);
        var large = await Blocks.Start(p =>
        {
            var numbers = p.Numbers(3).Block("block");
            numbers.Buffer(64, capacityBytes: 100).Block("narrow").Discard();
            numbers.Discard();
        }).FailAsync("block");
        Assert.Contains("edge block→narrow: a message of 256 B is larger than the edge's bound of 100 B",
            large.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dispose_that_throws_fails_the_run_and_does_not_hang_it() => await Blocks.Start(
        p => p.Numbers(3).Block("good")
            .Block("bad", new() { Disposed = static () => throw new InvalidOperationException("cannot dispose") }).Discard())
        .FailAsync("bad");

    [Fact]
    public async Task A_callback_on_the_runs_token_that_throws_does_not_hang_it() => await Blocks.Start(
        p => p.Numbers(30)
            .Block("bad",
                Boom with
                {
                    Made = static context => context.Cancellation.Register(static () => throw new InvalidOperationException("callback")),
                }).Discard())
        .FailAsync("bad");

    [Fact]
    public async Task A_factory_that_throws_fails_the_start_and_gives_back_what_was_made_before()
    {
        using var stop = new CancellationTokenSource();
        await using var transport = new InProcessTransport();
        var disposed = 0;
        var pipeline = Pipeline.Define("test", p =>
        {
            p.Subscribe(transport, "t", NumberCodec.Default, new() { Capacity = 1 })
                .Block("first", new() { Disposed = () => Interlocked.Increment(ref disposed) })
                .Block("second", new() { Made = static _ => throw new InvalidOperationException("cannot make") }).Discard();
        });
        var failure = Assert.Throws<BlockFailedException>(() => pipeline.Start(cancellationToken: stop.Token));
        Assert.Equal("test/second: cannot be made: cannot make", failure.Message);

        await Eventually.TrueAsync(() => Volatile.Read(ref disposed) == 1);
        for (var i = 0; i < 10; i++)
        {
            await transport.PublishAsync("t", new([49]), new(new("test", i)), CancellationToken.None).AsTask().WaitAsync(Blocks.Patience);
        }
        await stop.CancelAsync();
    }

    [Theory, InlineData(2), InlineData(5), InlineData(30), InlineData(31), InlineData(32), InlineData(33), InlineData(34), InlineData(35)]
    public async Task A_recording_that_fails_fails_the_run_and_loses_no_message(int lines)
    {
        var transport = new Testing.ScriptedTransport();
        for (var i = 0; i < 100; i++) { transport.Deliver("in", $"{i}"); }
        using var recorder = new RunRecorder(new FullDisk(lines));
        var run = Blocks.Start(
            p => p.Subscribe(transport, "in", NumberCodec.Default).Block("pass").Publish(transport, "out", NumberCodec.Default),
            new() { Recorder = recorder });
        var failure = Assert.IsType<BlockFailedException>(await run.SettleAsync());
        Assert.True(failure.InnerException is IOException, $"{failure}");
        Assert.Empty(transport.Violations);
        Assert.All(transport.Fates, f => Assert.Equal(f.Released, f.Acknowledged + f.Refused));
        Assert.Equal(transport.Published.Length, transport.Fates.Count(f => f.Acknowledged == 1));
    }

    private sealed class FullDisk(int lines) : StringWriter
    {
        private int _left = lines;
        public override void WriteLine(string? value) { if (--_left < 0) { throw new IOException("no space left on the disk"); } }
    }

    private sealed class Broken(BatchPool pool) : Source<Batch>
    {
        private int _next;
        public override DateTimeOffset? NextAt => DateTimeOffset.UnixEpoch;
        public override Batch Next() => _next++ < 5 ? Blocks.Number(pool, _next) : throw new InvalidOperationException("source broke");
    }
}
