namespace StreamLearn.Tests;

/// <summary>Each source message is acknowledged or refused exactly once, and never before what it caused is done.</summary>
public sealed class AcknowledgementTests
{
    private static readonly MessageFate Acknowledged = new(1, 0, 1);
    private static readonly MessageFate Refused = new(0, 1, 1);

    [Fact]
    public async Task Each_message_is_acknowledged_once_through_branch_merge_and_drops()
    {
        var transport = new ScriptedTransport();
        var run = await RunAsync(transport, 300, (p, flow) =>
        {
            var dropping = flow.Block("dropping", new()
            {
                Process = static (call, batch) =>
                {
                    if (Blocks.Number(batch) % 3 == 0) { call.Context.Drop(batch, "third"); }
                    else { call.Main.Emit(batch); }
                },
            });
            var merged = dropping.Merge(flow.Buffer(1).Block("pass"),
                flow.Buffer(2, OnFull.DropOldest).Block("lossy"), flow.Buffer(1, OnFull.KeepLatest).Block("latest"));
            merged.Publish(transport, "out", NumberCodec.Default);
            merged.Coalesce(static (a, b) =>
            {
                a.Dispose();
                return b;
            }).Publish(transport, "sum", NumberCodec.Default);
        });
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
        Assert.Equal(200 + 300 + run.Metrics["lossy"].ItemsOut + run.Metrics["latest"].ItemsOut,
            transport.Published.Count(m => m.Topic == "out"));
        Assert.Equal(Enumerable.Range(0, transport.Published.Length),
            transport.Published.GroupBy(m => m.Origin.Source)
                .SelectMany(g => g.Select(m => (int)m.Origin.Sequence)).Order().Select((_, i) => i));
    }

    [Fact]
    public async Task A_message_is_not_acknowledged_before_each_publication_it_caused_is_confirmed()
    {
        var transport = new ScriptedTransport { HoldPublications = true };
        var run = Start(transport, (p, flow) =>
        {
            flow.Publish(transport, "one", NumberCodec.Default);
            flow.Block("pass").Publish(transport, "two", NumberCodec.Default);
        });
        transport.Deliver("in", "1");
        await transport.UntilAsync(t => t.Published.Length == 2, Blocks.Patience);
        await Eventually.TrueAsync(() => run.Metrics["pass"].ItemsOut == 1);

        Assert.False(Assert.Single(transport.Fates).HasEnded);
        transport.Confirm();
        Assert.False(Assert.Single(transport.Fates).HasEnded);
        transport.Confirm();
        await transport.UntilAsync(t => t.Fates[0].HasEnded, Blocks.Patience);

        transport.End("in");
        await run.EndAsync();
        Assert.Equal([Acknowledged], transport.Fates);
    }

    [Fact]
    public async Task Merged_messages_are_acknowledged_together_when_the_merged_one_is_published()
    {
        var transport = new ScriptedTransport { HoldPublications = true };
        var run = Start(transport, (p, flow) => flow.Coalesce(static (a, b) =>
        {
            var sum = a.ToWritable();
            sum.Channels[0].Writable<float>()[0] += Blocks.Number(b);
            b.Dispose();
            return sum;
        }).Publish(transport, "out", NumberCodec.Default));
        transport.Deliver("in", "1");
        await transport.UntilAsync(t => t.Published.Length == 1, Blocks.Patience);
        for (var i = 2; i <= 20; i++) { transport.Deliver("in", $"{i}"); }
        await Eventually.TrueAsync(() => run.Metrics["publish out"].Counter("coalesced") == 18);

        transport.Confirm();
        await transport.UntilAsync(t => t.Published.Length == 2, Blocks.Patience);
        Assert.Equal("209", transport.Published[1].Payload);
        Assert.Equal(1, transport.Fates.Count(f => f.HasEnded));
        transport.Confirm();
        transport.End("in");
        await run.EndAsync();

        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
    }

    [Fact]
    public async Task What_an_operator_holds_does_not_delay_its_acknowledgement()
    {
        var transport = new ScriptedTransport();
        var run = Start(
            transport, (p, flow) => flow.Block("hold", new() { Process = static (call, batch) => call.Held.Add(batch) }).Discard());
        for (var i = 0; i < 200; i++) { transport.Deliver("in", $"{i}"); }
        await transport.UntilAsync(t => t.Fates.All(f => f.HasEnded), Blocks.Patience);
        Assert.Equal(200, run.Pool.RentedBatches);
        transport.End("in");
        await run.EndAsync();
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
    }

    [Fact]
    public async Task Malformed_and_oversized_payloads_are_counted_and_acknowledged()
    {
        var transport = new ScriptedTransport();
        foreach (var text in new[] { "1", "bad", "2", "1234567890", "worse", "3" }) { transport.Deliver("in", text); }
        transport.End("in");
        var seen = new List<int>();
        var run = await Blocks.RunAsync(
            p => p.Subscribe(transport, "in", NumberCodec.Default, new() { MaxPayloadBytes = 9 }).Collect(seen));
        Assert.Equal([1, 2, 3], seen);
        Assert.Equal((2, 1), (run.Metrics["subscribe in"].Drops["malformed"], run.Metrics["subscribe in"].Drops["oversized"]));
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
    }

    [Fact]
    public async Task A_control_message_is_acknowledged_when_its_call_is_done_though_what_it_emitted_is_not_published()
    {
        var (transport, gate) = (new ScriptedTransport { HoldPublications = true }, new Gate());
        var run = Blocks.Start(p => p.Input<Batch>("rows").Block("steered", new()
        {
            Control = (call, note) =>
            {
                gate.Pass();
                call.Main.Emit(Blocks.Number(call.Context.Pool, note.Number));
            },
        }).ControlledBy(p.Subscribe(transport, "notes", new NoteCodec())).Publish(transport, "out", NumberCodec.Default));
        transport.Deliver("notes", "7");
        await gate.Reached;
        Assert.False(Assert.Single(transport.Fates).HasEnded);

        gate.Open();
        await transport.UntilAsync(t => t.Published.Length == 1 && t.Fates[0].HasEnded, Blocks.Patience);
        Assert.Equal([Acknowledged], transport.Fates);

        transport.Confirm();
        transport.End("notes");
        run.Complete("rows");
        await run.EndAsync();
        Assert.Equal([Acknowledged], transport.Fates);
    }

    [Fact]
    public async Task A_control_message_whose_call_fails_is_not_acknowledged()
    {
        var transport = new ScriptedTransport();
        var run = Blocks.Start(p => p.Input<Batch>("rows").Block("steered", new()
        {
            Control = static (_, _) => throw new InvalidOperationException("steered"),
        }).ControlledBy(p.Subscribe(transport, "notes", new NoteCodec())).Discard());
        transport.Deliver("notes", "7");
        await run.FailAsync("steered");
        Assert.Equal([Refused], transport.Fates);
    }

    [Theory, InlineData("skip"), InlineData("dead-letter"), InlineData("retry")]
    public async Task Messages_of_failed_calls_that_the_policy_handles_are_acknowledged(string policy)
    {
        var transport = new ScriptedTransport();
        await RunAsync(transport, 100, (p, flow) =>
        {
            flow.Block("odd", new()
            {
                Process = static (call, batch) =>
                {
                    call.Main.Emit(batch.Retain());
                    if (Blocks.Number(batch) % 2 == 1) { throw new InvalidOperationException("odd"); }
                    batch.Dispose();
                },
            }).OnError(policy switch
            {
                "skip" => ErrorPolicy.Skip,
                "retry" => ErrorPolicy.Retry(2, ErrorPolicy.Skip),
                _ => ErrorPolicy.DeadLetter,
            }).Publish(transport, "out", NumberCodec.Default);
            if (policy == "dead-letter") { p.DeadLetters.Discard(); }
        });
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{2 * i}"), transport.Published.Select(m => m.Payload));
    }

    [Fact]
    public async Task A_dead_letter_carries_the_acknowledgement_of_its_message()
    {
        var (transport, gate) = (new ScriptedTransport(), new Gate());
        var run = Start(transport, (p, flow) =>
        {
            flow.Block("never", new() { Process = static (_, _) => throw new InvalidOperationException("never") })
                .OnError(ErrorPolicy.DeadLetter).Discard();
            p.DeadLetters.ForEach("letters", _ => gate.Pass());
        });
        transport.Deliver("in", "1");
        await gate.Reached;

        Assert.False(Assert.Single(transport.Fates).HasEnded);
        gate.Open();
        await transport.UntilAsync(t => t.Fates[0].HasEnded, Blocks.Patience);
        transport.End("in");
        await run.EndAsync();
    }

    [Theory, InlineData("publication", "publish out"), InlineData("encoder", "publish out"), InlineData("operator", "check")]
    [InlineData("decoder", "subscribe in"), InlineData("acknowledgement", "subscribe in")]
    public async Task After_a_fault_every_message_has_ended_once_and_the_failing_one_was_not_acknowledged(string where, string block)
    {
        var transport = new ScriptedTransport
        {
            HoldPublications = where == "publication",
            AcknowledgeFailure = where == "acknowledgement" ? new InvalidOperationException("gone") : null,
        };
        var run = Start(transport, (p, flow) => flow
            .Block("check", Script.Throws(batch => where == "operator" && Blocks.Number(batch) == 665, "check"))
            .Publish(transport, "out", NumberCodec.Default));
        transport.Deliver("in", where switch { "decoder" => "throw", "encoder" => "-666", _ => "665" });
        for (var i = 0; i < 50; i++) { transport.Deliver("in", $"{i}"); }
        if (where == "publication")
        {
            await transport.UntilAsync(t => t.Published.Length == 1, Blocks.Patience);
            transport.Confirm(new TransportException("no", isTransient: false));
        }
        await run.FailAsync(block);
        Assert.Empty(transport.Violations);
        Assert.Equal(0, transport.Fates[0].Acknowledged);
        if (where == "acknowledgement") { return; }
        Assert.Equal(Refused, transport.Fates[0]);
        // a reader that broke leaves the rest with the transport
        Assert.All(transport.Fates, f => Assert.Equal(f.Released, f.Acknowledged + f.Refused));
    }

    [Fact]
    public async Task Canceling_refuses_what_is_under_way_once_and_nothing_else()
    {
        var transport = new ScriptedTransport { HoldPublications = true };
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).Buffer(4).Block("a")
            .Buffer(4).Publish(transport, "out", NumberCodec.Default), cancellationToken: stop.Token);
        for (var i = 0; i < 40; i++) { transport.Deliver("in", $"{i}"); }
        for (var i = 1; i <= 5; i++)
        {
            await transport.UntilAsync(t => t.Published.Length == i, Blocks.Patience);
            transport.Confirm();
        }
        await transport.UntilAsync(t => t.Published.Length == 6 && t.Fates.Count(f => f.Acknowledged == 1) == 5, Blocks.Patience);

        await stop.CancelAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
        Assert.Empty(transport.Violations);
        Assert.All(transport.Fates.Take(5), f => Assert.Equal(Acknowledged, f));
        Assert.All(transport.Fates.Skip(5), f => Assert.Equal(Refused, f));
    }

    [Fact]
    public async Task A_reader_that_stops_reading_leaves_the_last_message_processed_and_the_rest_refused()
    {
        var transport = new ScriptedTransport();
        var run = Start(transport, (p, flow) => flow.Output("out"));
        for (var i = 0; i < 10; i++) { transport.Deliver("in", $"{i}"); }
        await foreach (var batch in run.ReadAllAsync<Batch>("out"))
        {
            var number = Blocks.Number(batch);
            batch.Dispose();
            Assert.False(transport.Fates[number].HasEnded);
            if (number == 3) { break; }
        }
        await transport.UntilAsync(t => t.Fates.Count(f => f.HasEnded) == 4, Blocks.Patience);
        await run.DisposeAsync().AsTask().WaitAsync(Blocks.Patience);

        Assert.All(transport.Fates.Take(4), f => Assert.Equal(Acknowledged, f));
        Assert.All(transport.Fates.Skip(4), f => Assert.Equal(Refused, f));
    }

    [Fact]
    public void A_token_released_once_too_often_is_noticed()
    {
        var token = new TokenPool().Rent(new Ignore(), 1);
        token.Release(processed: true);
        Assert.Throws<InvalidOperationException>(() => token.Release(processed: true));
    }

    private static PipelineRun Start(ScriptedTransport transport, Action<PipelineBuilder, Flow<Batch>> build) =>
        Blocks.Start(p => build(p, p.Subscribe(transport, "in", NumberCodec.Default)));

    private static async Task<PipelineRun> RunAsync(ScriptedTransport transport, int messages, Action<PipelineBuilder, Flow<Batch>> build)
    {
        for (var i = 0; i < messages; i++) { transport.Deliver("in", $"{i}"); }
        transport.End("in");
        var run = Start(transport, build);
        await run.EndAsync();
        Assert.Empty(transport.Violations);
        return run;
    }

    private sealed class Ignore : ITokenTarget
    {
        public void Ended(long id, bool processed) { }
    }

    internal sealed class NoteCodec : ICodec<Note>
    {
        public string Name => "note/1";
        public void Encode(Note value, IBufferWriter<byte> buffer) => throw new NotSupportedException();

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Note value)
        {
            value = new(int.Parse(Encoding.UTF8.GetString(bytes), CultureInfo.InvariantCulture));
            return true;
        }
    }
}
