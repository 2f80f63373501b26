namespace StreamLearn.Tests;

/// <summary>Inner blocks that fail, and runs that are stopped while something waits inside.</summary>
public sealed class PerKeyFailureTests
{
    private static readonly Schema Keyed = new(new Field("device", ColumnType.Int32, Unit.One), Field.Channel("x", Unit.One));
    public static TheoryData<ErrorPolicy> Policies => [ErrorPolicy.Fail, ErrorPolicy.Skip, ErrorPolicy.DeadLetter, ErrorPolicy.Retry(2)];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task The_end_of_an_evicted_key_that_throws_fails_the_run_whatever_the_policy(ErrorPolicy policy)
    {
        var calls = 0;
        var run = Start(f => f.Block("throws", Script.Passing((_, _) => calls++) with
        {
            Complete = static _ => throw new InvalidOperationException("the end"),
        }), policy, maxKeys: 2);
        await run.SendAsync("in", Rows(run, 1, 2, 3));
        Assert.Equal("the end", (await run.FailAsync("per-key device")).InnerException!.Message);
        Assert.Equal(2, calls);         // not repeated
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task An_inner_block_that_throws_as_it_is_disposed_fails_the_run_and_the_others_are_disposed(ErrorPolicy policy)
    {
        var disposed = 0;
        var run = Start(f => f.Block("throws", new()
        {
            Process = static (call, batch) => call.Held.Add(batch),
            Disposed = () =>
            {
                disposed++;
                throw new InvalidOperationException("dispose");
            },
        }), policy, maxKeys: 3);
        await run.SendAsync("in", Rows(run, 1, 2, 3, 4));

        Assert.Equal("dispose", (await run.FailAsync("per-key device")).InnerException!.Message);
        Assert.Equal(3, disposed);
    }

    [Theory, InlineData(1), InlineData(3)]
    public async Task An_inner_block_that_emits_what_it_does_not_declare_is_held_to_its_policy(int rows)
    {
        var run = Start(f => f.Block("other", new()
        {
            Rows = static _ => 2,
            Process = (call, batch) =>
            {
                var isWrong = batch["device"].Values<int>()[0] == 2;
                var columns = isWrong && rows == 1 ? Batches.Channels(1) : batch.Schema;
                var made = call.Context.Pool.Rent(columns, isWrong ? rows : 1);
                if (!isWrong) { made.CopyFrom(0, batch, 0, 1); }
                batch.Dispose();
                call.Main.Emit(made);
            },
        }), ErrorPolicy.Skip, maxKeys: 3);
        await run.SendAsync("in", Rows(run, 1, 2, 3));
        await run.SendAsync("in", Rows(run, 3, 2, 1));
        run.Complete("in");

        await run.EndAsync();

        var block = run.Metrics["per-key device"];
        Assert.Equal((4, 2), (block.ItemsOut, block.Drops["error"]));
    }

    [Fact]
    public async Task What_waits_for_a_repetition_inside_and_what_is_behind_it_is_counted_when_the_run_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var run = Start(f => f.Block("throws", new() { Process = static (_, _) => throw new InvalidOperationException("no") }),
            ErrorPolicy.Retry(9, ErrorPolicy.Skip, TimeSpan.FromMinutes(1)), maxKeys: 1, stop.Token);
        await run.SendAsync("in", Rows(run, 1, 1, 2, 2, 2));
        await Eventually.TrueAsync(() => run.Metrics["per-key device"].Counter("retries") == 1);
        await stop.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
        Assert.Equal(5, run.Metrics["per-key device"].RowsDropped["unfinished"]);
    }

    [Fact]
    public async Task Dead_letters_that_wait_inside_are_counted_when_the_run_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        using var isBlocked = new ManualResetEventSlim();
        var run = Blocks.Start(p =>
        {
            p.Input<Batch>("in", Keyed)
                .PerKey("device", f => f.Block("throws", new() { Process = static (_, _) => throw new InvalidOperationException("no") }))
                .OnError(ErrorPolicy.DeadLetter).Buffer(1, capacityBytes: 512).Discard();
            p.DeadLetters.ForEach("letters", _ =>
            {
                isBlocked.Set();
                stop.Token.WaitHandle.WaitOne();
            });
        }, cancellationToken: stop.Token);
        await run.SendAsync("in", Rows(run, [.. Enumerable.Range(0, 400)]));
        Assert.True(isBlocked.Wait(Blocks.Patience));

        await stop.CancelAsync();

        await run.SettleAsync();
        var (block, letters) = (run.Metrics["per-key device"], run.Metrics["letters"]);
        var lost = block.Drops.GetValueOrDefault("unfinished") + run.Metrics["dead-letters"].Drops.GetValueOrDefault("stopped")
            + letters.Drops.GetValueOrDefault("stopped");
        Assert.Equal(block.Drops["dead-letter"], letters.ItemsIn + lost);
        Assert.Equal(400, block.RowsDropped["dead-letter"] + block.RowsDropped.GetValueOrDefault("unfinished"));
    }

    private static PipelineRun Start(
        Func<Flow<Batch>, Flow<Batch>> build, ErrorPolicy policy, int maxKeys, CancellationToken cancellationToken = default) =>
        Blocks.Start(p =>
        {
            p.Input<Batch>("in", Keyed).PerKey("device", build, maxKeys).OnError(policy).Discard();
            p.DeadLetters.Discard("letters");
        }, cancellationToken: cancellationToken);

    private static Batch Rows(PipelineRun run, params int[] keys) => Batches.Of(run.Pool, Keyed, keys, new float[keys.Length]);
}
