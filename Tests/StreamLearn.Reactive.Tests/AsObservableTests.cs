using System.Reactive;
using System.Reactive.Linq;
using StreamLearn.Testing;

namespace StreamLearn.Reactive.Tests;

public sealed class AsObservableTests
{
    private static readonly RunOptions Guarded = new() { GuardMemory = true };

    [Fact]
    public async Task An_observer_sees_every_message_in_order_and_then_the_end()
    {
        await using var run = Echo().Start(Guarded, TestContext.Current.CancellationToken);
        var seen = run.AsObservable<Batch>("out").Select(Take).ToList().GetAwaiter();

        for (var i = 0; i < 100; i++)
        {
            await run.SendAsync("in", Batches.OfChannels(run.Pool, [i]), TestContext.Current.CancellationToken);
        }

        run.Complete("in");

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (float)i), await seen);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task The_pipeline_gets_no_further_ahead_of_a_slow_observer_than_its_edges_hold()
    {
        var pipeline = Pipeline.Define("test", p => p.Input<Batch>("in").Buffer(2).Output("out"));
        await using var run = pipeline.Start(Guarded, TestContext.Current.CancellationToken);
        var (seen, lead) = (0L, 0L);
        var last = run.AsObservable<Batch>("out").Do(batch =>
        {
            batch.Dispose();
            seen++;
            if (seen == 1) { SpinWait.SpinUntil(() => run.Metrics["in"].ItemsOut >= 4); }     // the edges fill while the first is looked at
            for (var i = 0; i < 10; i++) { Thread.Yield(); }
            lead = Math.Max(lead, run.Metrics["in"].ItemsOut - seen);
        }).Count().GetAwaiter();

        for (var i = 0; i < 2000; i++)
        {
            await run.SendAsync("in", Batches.OfChannels(run.Pool, [i]), TestContext.Current.CancellationToken);
        }

        run.Complete("in");

        Assert.Equal(2000, await last);
        Assert.InRange(lead, 3, 4);     // two on the edge, one that looks for space, one on its way
    }

    [Fact]
    public async Task A_failed_run_ends_the_observable_with_the_blocks_name()
    {
        var pipeline = Pipeline.Define("test", p =>
        {
            var flow = p.Input<Batch>("in");
            flow.Output("out");
            flow.ForEach("broken", _ => throw new InvalidDataException("bad row"));
        });
        await using var run = pipeline.Start(Guarded, TestContext.Current.CancellationToken);
        var seen = run.AsObservable<Batch>("out").Do(b => b.Dispose()).Materialize().LastAsync().GetAwaiter();

        await run.SendAsync("in", Batches.OfChannels(run.Pool, [1]), TestContext.Current.CancellationToken);

        var last = await seen;
        Assert.Equal(NotificationKind.OnError, last.Kind);
        Assert.Equal("broken", Assert.IsType<BlockFailedException>(last.Exception).Block);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task A_stopped_run_ends_the_observable_as_canceled()
    {
        var run = Echo().Start(Guarded, TestContext.Current.CancellationToken);
        var seen = run.AsObservable<Batch>("out").Materialize().LastAsync().GetAwaiter();

        await run.DisposeAsync();

        Assert.IsAssignableFrom<OperationCanceledException>((await seen).Exception);
    }

    [Fact(Timeout = 30_000)]
    public async Task An_observer_that_throws_fails_the_run_and_names_the_output()
    {
        await using var run = Echo().Start(Guarded, TestContext.Current.CancellationToken);
        using var subscription = run.AsObservable<Batch>("out").Subscribe(
            batch =>
            {
                batch.Dispose();
                throw new InvalidDataException("cannot draw");
            },
            _ => { });

        await run.SendAsync("in", Batches.OfChannels(run.Pool, [1]), TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<BlockFailedException>(() => run.Completion);
        Assert.Equal(("out", 1L), (failure.Block, failure.Item));
        Assert.IsType<InvalidDataException>(failure.InnerException);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task A_second_observer_is_refused_because_a_message_has_one_owner()
    {
        await using var run = Echo().Start(Guarded, TestContext.Current.CancellationToken);
        var output = run.AsObservable<Batch>("out");
        using var first = output.Subscribe(b => b.Dispose());

        var refused = await output.Materialize().LastAsync();

        Assert.Contains("already has an observer", Assert.IsType<InvalidOperationException>(refused.Exception).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_output_is_an_error_of_the_observable()
    {
        await using var run = Echo().Start(Guarded, TestContext.Current.CancellationToken);

        var refused = await run.AsObservable<Batch>("nowhere").Materialize().LastAsync();

        Assert.IsType<KeyNotFoundException>(refused.Exception);
    }

    private static Pipeline Echo() => Pipeline.Define("test", p => p.Input<Batch>("in").Output("out"));

    private static float Take(Batch batch)
    {
        var value = batch.Channels[0].Values<float>()[0];
        batch.Dispose();
        return value;
    }
}
