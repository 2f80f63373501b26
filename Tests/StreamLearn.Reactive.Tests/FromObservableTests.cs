using System.Reactive.Linq;
using System.Reactive.Subjects;
using StreamLearn.Testing;

namespace StreamLearn.Reactive.Tests;

public sealed class FromObservableTests
{
    private static readonly RunOptions Guarded = new() { GuardMemory = true };

    [Theory]
    [InlineData(ObservableOverflow.DropOldest, "drop-oldest", new[] { 6, 7, 8, 9 }, 6)]
    [InlineData(ObservableOverflow.DropNewest, "drop-newest", new[] { 0, 1, 2, 3 }, 6)]
    [InlineData(ObservableOverflow.KeepLatest, "replaced", new[] { 9 }, 9)]
    public async Task A_full_buffer_drops_by_its_policy_and_counts_it(ObservableOverflow overflow, string reason, int[] kept, long dropped)
    {
        var pool = new BatchPool(guard: true);
        var ten = Observable.Range(0, 10).Select(i => Numbered(pool, i));
        var pipeline = Pipeline.Define("test", p => p.FromObservable("numbers", ten, bufferMessages: 4, overflow).Output("out"));
        await using var run = pipeline.Start(Guarded, TestContext.Current.CancellationToken);

        var numbers = await ReadAsync(run);

        Assert.Equal(kept, numbers);
        Assert.Equal(dropped, run.Metrics["numbers"].Drops[reason]);
        Assert.Equal(dropped, run.Metrics["numbers"].RowsDropped[reason]);
        Assert.Single(run.Metrics["numbers"].Drops);
        Assert.Equal(kept.Length, run.Metrics["numbers"].ItemsOut);
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public async Task A_full_buffer_that_may_not_drop_fails_the_run_and_names_the_block()
    {
        var pool = new BatchPool(guard: true);
        var ten = Observable.Range(0, 10).Select(i => Numbered(pool, i));
        var pipeline = Pipeline.Define("test", p => p.FromObservable("numbers", ten, bufferMessages: 4, ObservableOverflow.Fail).Discard());

        await using var run = pipeline.Start(Guarded, TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<BlockFailedException>(() => run.Completion);

        Assert.Equal("numbers", failure.Block);
        Assert.Contains("4 messages", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public async Task The_buffer_is_bounded_in_bytes_too()
    {
        var pool = new BatchPool(guard: true);
        var size = 0L;
        using (var one = Numbered(pool, 0)) { size = one.SizeBytes; }
        var items = Observable.Range(0, 6).Select(i => Numbered(pool, i))
            .Concat(Observable.Defer(() => Observable.Return(Numbered(pool, 6, rows: 10_000))));
        var options = new ObservableOptions { BufferBytes = 3 * size, Overflow = ObservableOverflow.DropOldest };
        var pipeline = Pipeline.Define("test", p => p.FromObservable("numbers", items, options).Output("out"));
        await using var run = pipeline.Start(Guarded, TestContext.Current.CancellationToken);

        var numbers = await ReadAsync(run);

        Assert.Equal([3, 4, 5], numbers);
        Assert.Equal(3, run.Metrics["numbers"].Drops["drop-oldest"]);
        Assert.Equal(10_000, run.Metrics["numbers"].RowsDropped["oversized"]);
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public async Task A_subject_pushes_from_the_programs_threads_into_the_pipeline_in_order()
    {
        using var subject = new Subject<Batch>();
        var pipeline = Pipeline.Define("test", p => p.FromObservable("numbers", subject, new() { BufferMessages = 1000 }).Output("out"));
        await using var run = pipeline.Start(Guarded, TestContext.Current.CancellationToken);
        await Subscribed(subject);

        for (var i = 0; i < 1000; i++) { subject.OnNext(Numbered(run.Pool, i)); }
        subject.OnCompleted();

        Assert.Equal(Enumerable.Range(0, 1000), await ReadAsync(run));
        await run.Completion;
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task An_error_of_the_observable_fails_the_run_as_its_block()
    {
        var pool = new BatchPool(guard: true);
        var broken = Observable.Range(0, 3).Select(i => Numbered(pool, i))
            .Concat(Observable.Throw<Batch>(new InvalidDataException("cable cut")));
        var pipeline = Pipeline.Define("test", p => p.FromObservable("numbers", broken).Discard());

        await using var run = pipeline.Start(Guarded, TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<BlockFailedException>(() => run.Completion);

        Assert.Equal("numbers", failure.Block);
        Assert.Equal("cable cut", Assert.IsType<InvalidDataException>(failure.InnerException).Message);
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public async Task A_null_message_fails_the_run()
    {
        var pipeline = Pipeline.Define("test", p => p.FromObservable("numbers", Observable.Return<string>(null!)).Discard());

        await using var run = pipeline.Start(null, TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<BlockFailedException>(() => run.Completion);

        Assert.IsType<ArgumentNullException>(failure.InnerException);
    }

    [Fact]
    public async Task A_drain_processes_what_is_buffered_and_counts_what_comes_later()
    {
        using var subject = new Subject<Batch>();
        var options = new ObservableOptions { BufferMessages = 1_000_000, BufferBytes = 1L << 40 };
        var pipeline = Pipeline.Define("test", p => p.FromObservable("numbers", subject, options).Buffer(1).Output("out"));
        await using var run = pipeline.Start(Guarded, TestContext.Current.CancellationToken);
        await Subscribed(subject);
        for (var i = 0; i < 20; i++) { subject.OnNext(Numbered(run.Pool, i)); }

        var drain = run.DrainAsync(TestContext.Current.CancellationToken);
        var pushed = 20;
        while (run.Metrics["numbers"].Drops.Count == 0)     // nothing has been read: the sequence is still open, and soon takes no more
        {
            subject.OnNext(Numbered(run.Pool, pushed++));
            await Task.Yield();
        }

        Assert.Equal(Enumerable.Range(0, pushed - 1), await ReadAsync(run));
        await drain;
        Assert.Equal(1, run.Metrics["numbers"].Drops["after-end"]);
        Assert.False(subject.HasObservers);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task A_canceled_run_unsubscribes_and_frees_what_is_buffered()
    {
        using var subject = new Subject<Batch>();
        using var stop = new CancellationTokenSource();
        var pipeline = Pipeline.Define("test", p => p.FromObservable("numbers", subject).Buffer(1).Output("out"));
        await using var run = pipeline.Start(Guarded, stop.Token);
        await Subscribed(subject);
        for (var i = 0; i < 20; i++) { subject.OnNext(Numbered(run.Pool, i)); }

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Completion);
        Assert.False(subject.HasObservers);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_observable_that_never_comes_back_from_being_subscribed_to_ends_with_the_run(bool drains)
    {
        var (pushed, ended) = (0L, false);
        var endless = Observable.Create<string>(IDisposable (observer) =>
        {
            try
            {
                while (true)
                {
                    observer.OnNext("more");
                    Interlocked.Increment(ref pushed);
                }
            }
            finally
            {
                Volatile.Write(ref ended, true);
            }
        });
        using var stop = new CancellationTokenSource();
        var pipeline = Pipeline.Define("test", p => p.FromObservable("endless", endless, 4, ObservableOverflow.DropOldest).Discard());
        await using var run = pipeline.Start(null, stop.Token);
        while (Volatile.Read(ref pushed) < 1000) { await Task.Yield(); }

        if (drains)
        {
            await run.DrainAsync(TestContext.Current.CancellationToken);
        }
        else
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Completion);
        }

        Assert.True(Volatile.Read(ref ended));
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        static void Define(ObservableOptions options) =>
            Pipeline.Define("test", p => p.FromObservable("numbers", Observable.Empty<string>(), options).Discard());

        Assert.Throws<ArgumentOutOfRangeException>(() => Define(new() { BufferMessages = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Define(new() { BufferBytes = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Define(new() { Overflow = (ObservableOverflow)9 }));
    }

    [Fact]
    public void The_buffer_shows_in_the_graph_and_counts_in_its_worst_case()
    {
        static Pipeline Define(long bytes) =>
            Pipeline.Define("test", p => p.FromObservable(
                "numbers", Observable.Empty<string>(), new() { BufferBytes = bytes, Overflow = ObservableOverflow.KeepLatest }).Discard());

        Assert.Contains("KeepLatest", Define(1 << 20).ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("at most 1 MiB", Define(1 << 20).Explain(), StringComparison.Ordinal);
        Assert.NotEqual(Define(1 << 20), Define(1 << 21));
    }

    private static Batch Numbered(BatchPool pool, int number, int rows = 1) =>
        Batches.OfChannels(pool, [.. Enumerable.Repeat((float)number, rows)]);

    private static async Task<List<int>> ReadAsync(PipelineRun run)
    {
        var numbers = new List<int>();
        await foreach (var batch in run.ReadAllAsync<Batch>("out", TestContext.Current.CancellationToken))
        {
            numbers.Add((int)batch.Channels[0].Values<float>()[0]);
            batch.Dispose();
        }

        return numbers;
    }

    private static async Task Subscribed(Subject<Batch> subject)
    {
        while (!subject.HasObservers) { await Task.Yield(); }
    }
}
