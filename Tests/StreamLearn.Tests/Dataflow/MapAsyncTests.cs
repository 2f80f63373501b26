namespace StreamLearn.Tests;

/// <summary>Asynchronous functions: several calls at a time, of which the results come in order, once, and bounded.</summary>
public sealed class MapAsyncTests
{
    private static readonly MessageFate Acknowledged = new(1, 0, 1);
    private static readonly MessageFate Refused = new(0, 1, 1);

    [Theory, InlineData(1, 1), InlineData(2, 3), InlineData(3, 8), InlineData(4, 8)]
    public async Task Results_come_in_order_whichever_call_ends_first(int seed, int parallelism)
    {
        var (service, seen) = (new AskedService(), new List<int>());
        var run = Blocks.Start(p => p.Numbers(300).MapAsync("ask", service.AskAsync, parallelism).Collect(seen));
        await Eventually.TrueAsync(() => service.Open == parallelism);
        await service.AnswerAllAsync(run, new(seed));
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(1000, 300), seen);
        Assert.Equal(Enumerable.Range(0, 300), service.Asked);
        Assert.Equal(parallelism, service.Most);
    }

    [Fact]
    public async Task As_many_calls_are_under_way_as_messages_fit_on_the_edge()
    {
        var (service, seen) = (new AskedService(), new List<int>());
        var run = Blocks.Start(p => p.Numbers(100).Buffer(3).MapAsync("ask", service.AskAsync, 8).Collect(seen));
        await Eventually.TrueAsync(() => service.Open == 3);
        await service.AnswerAllAsync(run, new(1));
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(1000, 100), seen);
        Assert.Equal(3, service.Most);
    }

    [Fact]
    public async Task A_call_that_is_answered_lets_the_next_begin_while_others_are_open()
    {
        var (service, seen) = (new AskedService(), new List<int>());
        var run = Blocks.Start(p => p.Numbers(4).Buffer(3).MapAsync("ask", service.AskAsync, 3).Collect(seen));
        await Eventually.TrueAsync(() => service.Open == 3);
        service.Answer(0);
        await Eventually.TrueAsync(() => service.Open == 3 && service.Asked.Length == 4);
        await service.AnswerAllAsync(run, new(1));
        await run.EndAsync();
    }

    [Fact]
    public async Task A_message_that_comes_while_others_are_asked_about_is_asked_about_at_once()
    {
        var (service, transport) = (new AskedService(), new ScriptedTransport());
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).MapAsync("ask", service.AskAsync, 3).Discard());
        for (var i = 0; i < 3; i++)
        {
            transport.Deliver("in", $"{i}");
            await Eventually.TrueAsync(() => service.Open == i + 1);
        }
        transport.End("in");
        await service.AnswerAllAsync(run, new(1));
        await run.EndAsync();
    }

    [Fact]
    public async Task Nothing_is_asked_while_the_edge_after_it_is_full()
    {
        var (gate, asked, seen) = (new Gate(), 0, 0);
        var run = Blocks.Start(p => p.Numbers(1000).Buffer(4).MapAsync("ask", async (batch, _) =>
        {
            Interlocked.Increment(ref asked);
            await Task.Yield();
            return batch;
        }, 2).Buffer(2).ForEach("slow", _ =>
        {
            gate.Pass();
            seen++;
        }));
        await gate.Reached;
        await Eventually.TrueAsync(() => run.Metrics["ask"].ItemsOut >= 3 && run.Metrics["numbers"].ItemsOut > 7);
        for (var i = 0; i < 1000; i++) { await Task.Yield(); }

        Assert.InRange(Volatile.Read(ref asked), 3, 3 + Cell.MaxGathered + 2);
        gate.Open();
        await run.EndAsync();
        Assert.Equal(1000, seen);
    }

    [Fact]
    public async Task A_message_is_not_acknowledged_before_its_result_and_those_before_it_are_settled()
    {
        var (service, transport) = (new AskedService(), new ScriptedTransport { HoldPublications = true });
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).MapAsync("ask", service.AskAsync, 3)
            .Publish(transport, "out", NumberCodec.Default));
        for (var i = 0; i < 3; i++) { transport.Deliver("in", $"{i}"); }
        await Eventually.TrueAsync(() => service.Open == 3);

        service.Answer(2);
        service.Answer(1);
        for (var i = 0; i < 100; i++) { await Task.Yield(); }
        Assert.Empty(transport.Published);
        Assert.All(transport.Fates, f => Assert.False(f.HasEnded));

        service.Answer(0);
        for (var i = 0; i < 3; i++)
        {
            await transport.UntilAsync(t => t.Published.Length == i + 1, Blocks.Patience);
            Assert.Equal(i, transport.Fates.Count(f => f.HasEnded));
            transport.Confirm();
            await transport.UntilAsync(t => t.Fates[i].HasEnded, Blocks.Patience);
        }
        transport.End("in");
        await run.EndAsync();
        Assert.Equal(["1000", "1001", "1002"], transport.Published.Select(m => m.Payload));
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
    }

    [Theory]
    [InlineData(false, "error")]
    [InlineData(true, "dead-letter")]
    public async Task A_failed_call_follows_the_error_policy_in_its_turn(bool setsAside, string reason)
    {
        var (service, transport, letters) = (new AskedService(), new ScriptedTransport(), new List<int>());
        for (var i = 0; i < 60; i++) { transport.Deliver("in", $"{i}"); }
        transport.End("in");
        var run = Blocks.Start(p =>
        {
            p.Subscribe(transport, "in", NumberCodec.Default).MapAsync("ask", service.AskAsync, 4)
                .OnError(setsAside ? ErrorPolicy.DeadLetter : ErrorPolicy.Skip)
                .Publish(transport, "out", NumberCodec.Default);
            p.DeadLetters.ForEach("letters", letter => letters.Add(Blocks.Number((Batch)letter.Item)));
        });
        await service.AnswerAllAsync(run, new(5), static n => n % 3 == 0);

        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, 60).Where(n => n % 3 != 0).Select(n => $"{1000 + n}"), transport.Published.Select(m => m.Payload));
        Assert.Equal(20, run.Metrics["ask"].Drops[reason]);
        Assert.Equal(!setsAside ? [] : Enumerable.Range(0, 20).Select(n => 3 * n), letters);
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
    }

    [Fact]
    public async Task A_failed_call_fails_the_run_in_its_turn_and_names_its_message()
    {
        var (service, transport) = (new AskedService(), new ScriptedTransport());
        for (var i = 0; i < 10; i++) { transport.Deliver("in", $"{i}"); }
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).MapAsync("ask", service.AskAsync, 4)
            .Publish(transport, "out", NumberCodec.Default));
        await Eventually.TrueAsync(() => service.Open == 4);

        service.Answer(2, new FormatException("two"));
        service.Answer(1);
        for (var i = 0; i < 100; i++) { await Task.Yield(); }
        Assert.False(run.Completion.IsCompleted);
        service.Answer(0);

        var failure = await run.FailAsync("ask");
        Assert.Equal(3, failure.Item);
        Assert.IsType<FormatException>(failure.InnerException);
        Assert.Equal(Refused, transport.Fates[2]);
        Assert.All(transport.Fates.Skip(2), f => Assert.Equal(0, f.Acknowledged));
    }

    [Theory, InlineData(0), InlineData(20)]
    public async Task A_failed_call_is_repeated(int delayMilliseconds)
    {
        var (attempts, seen) = (new int[20], new List<int>());
        var run = await Blocks.RunAsync(p => p.Numbers(20).MapAsync("ask", async (batch, _) =>
        {
            await Task.Yield();
            var number = Blocks.Number(batch);
            return Interlocked.Increment(ref attempts[number]) <= number % 3 ? throw new InvalidOperationException("not yet") : batch;
        }, 4).OnError(ErrorPolicy.Retry(2, delay: TimeSpan.FromMilliseconds(delayMilliseconds))).Collect(seen));
        Assert.Equal(Enumerable.Range(0, 20), seen);
        Assert.Equal(Enumerable.Range(0, 20).Select(n => 1 + (n % 3)), attempts);
        Assert.Equal(attempts.Sum() - 20, run.Metrics["ask"].Counter("retries"));
    }

    [Fact]
    public async Task Calls_are_canceled_with_the_run_and_their_messages_refused()
    {
        var (service, transport) = (new AskedService(), new ScriptedTransport());
        for (var i = 0; i < 10; i++) { transport.Deliver("in", $"{i}"); }
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).MapAsync("ask", service.AskAsync, 4)
            .Publish(transport, "out", NumberCodec.Default), cancellationToken: stop.Token);
        await Eventually.TrueAsync(() => service.Open == 4);
        service.Answer(1);      // its result waits for that of 0, and nobody takes it

        await stop.CancelAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
        Assert.InRange(service.Canceled, 3, 4);
        Assert.All(transport.Fates, f => Assert.Equal(0, f.Acknowledged));
        Assert.Empty(transport.Published);
    }

    [Fact]
    public async Task A_run_ends_only_when_the_calls_have()
    {
        var (answer, stop) = (new TaskCompletionSource(), new CancellationTokenSource());
        var asked = 0;
        var run = Blocks.Start(p => p.Numbers(10).MapAsync("ask", async (batch, _) =>
        {
            Interlocked.Increment(ref asked);
            await answer.Task;
            return batch;
        }, 2).Discard(), cancellationToken: stop.Token);
        await Eventually.TrueAsync(() => Volatile.Read(ref asked) == 2);

        await stop.CancelAsync();
        for (var i = 0; i < 100; i++) { await Task.Yield(); }
        Assert.False(run.Completion.IsCompleted);
        answer.SetResult();

        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
        stop.Dispose();
    }

    [Theory, InlineData(OnFull.DropOldest), InlineData(OnFull.DropNewest), InlineData(OnFull.KeepLatest)]
    public async Task What_the_edge_drops_meanwhile_has_no_result(OnFull policy)
    {
        var (service, seen) = (new AskedService(), new List<int>());
        var run = Blocks.Start(p => p.Numbers(200).Buffer(4, policy).MapAsync("ask", service.AskAsync, 2).Collect(seen));
        await Eventually.TrueAsync(() => run.Metrics["numbers"].ItemsOut == 200);
        await service.AnswerAllAsync(run, new(7));
        await run.EndAsync();
        Assert.Equal(seen.Order().Distinct(), seen);
        Assert.Equal(200, seen.Count + run.Metrics["ask"].Drops.Values.Sum());
        Assert.InRange(service.Most, 1, 2);
    }

    [Fact]
    public async Task Joined_flows_share_the_calls_and_each_keeps_its_order()
    {
        var (service, seen) = (new AskedService(), new List<int>());
        var run = Blocks.Start(p => p.Numbers(100).Block("even", new() { Process = static (call, b) => call.Main.Emit(b) })
            .Merge(p.Numbers(100, "more").Map100()).MapAsync("ask", service.AskAsync, 4).Collect(seen));
        await service.AnswerAllAsync(run, new(8));
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(1000, 100), seen.Where(static n => n < 1100));
        Assert.Equal(Enumerable.Range(1100, 100), seen.Where(static n => n >= 1100));
        Assert.InRange(service.Most, 2, 4);
    }

    [Fact]
    public void A_parallelism_below_one_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => Pipeline.Define("test", p => p.Numbers(1).MapAsync("ask", static (b, _) => new ValueTask<Batch>(b), 0).Discard()));
}

file static class More
{
    internal static Flow<Batch> Map100(this Flow<Batch> flow) => flow.Block("later", new()
    {
        Process = static (call, batch) =>
        {
            var later = batch.ToWritable();
            later.Channels[0].Writable<float>()[0] += 100;
            call.Main.Emit(later);
        },
    });
}
