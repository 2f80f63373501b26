using System.Collections.Concurrent;

namespace StreamLearn.Tests;

/// <summary>Checkpoints that are kept elsewhere than in a folder, such as at a server.</summary>
public sealed class KeptElsewhereTests
{
    private const int Messages = 20;
    private const int AtOnce = 5;

    [Fact]
    public async Task Nothing_is_acknowledged_or_published_before_the_checkpoint_is_there()
    {
        var (server, disk) = (new KeepingServer(Messages), new FaultyStorage());
        var (kept, space) = (new ConcurrentQueue<byte[]>(), new TaskCompletionSource());
        await using var run = Start(new(server, disk), null, async (bytes, stopped) =>
        {
            kept.Enqueue(bytes.ToArray());
            await space.Task.WaitAsync(stopped);
        });
        await Eventually.TrueAsync(() => !kept.IsEmpty && run.Metrics["add-up"].ItemsIn == Messages);
        Assert.Equal((Messages, 0), (server.Open, server.Published.Count));
        Assert.Single(kept);                    // one at a time

        space.SetResult();
        await Eventually.TrueAsync(() => server.Open == 0 && server.Published.Count == Messages / AtOnce);
        Assert.Equal(run.LastCheckpoint!.Value.Number, Checkpoint.Read(kept.Last()).Number);
    }

    [Fact]
    public async Task One_that_cannot_be_kept_is_made_again_and_holds_back_what_waits()
    {
        var server = new KeepingServer(Messages);
        var isFull = true;
        await using var run = Start(new(server, new()), null,
            (_, _) => Volatile.Read(ref isFull) ? Task.FromException(new IOException("the server is full")) : Task.CompletedTask);
        await Eventually.TrueAsync(() => run.CheckpointFailure is IOException { Message: "the server is full" });
        Assert.Equal((Messages, 0), (server.Open, server.Published.Count));
        await Assert.ThrowsAnyAsync<IOException>(run.CheckpointAsync);
        Volatile.Write(ref isFull, false);
        await Eventually.TrueAsync(() => server.Open == 0 && run.CheckpointFailure is null);
    }

    [Fact]
    public async Task A_run_goes_on_from_what_was_kept_and_its_numbers_rise()
    {
        var (server, kept) = (new KeepingServer(Messages), new ConcurrentQueue<byte[]>());
        for (var lives = 0; lives < 3; lives++)
        {
            var from = kept.IsEmpty ? null : Checkpoint.Read(kept.Last());
            await using var run = Start(new(server, new()), from, (bytes, _) =>
            {
                kept.Enqueue(bytes.ToArray());
                return Task.CompletedTask;
            });
            // What is to be published is in the checkpoint, and may go out in a later life.
            await Eventually.TrueAsync(() => server.Open == 0 && (lives < 2 || server.Published.Count == Messages / AtOnce));
            await run.StopAsync();
        }
        var numbers = kept.Select(static k => Checkpoint.Read(k).Number).ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(static n => (long)n), numbers);
        Assert.False(server.HasContradiction);
        Assert.Equal(Messages * (Messages - 1) / 2, server.Published.Sum(static p => int.Parse(p, CultureInfo.InvariantCulture)));
    }

    /// <summary>As when another process has taken over: what is under way is kept nowhere, and nothing goes out.</summary>
    [Fact]
    public async Task A_run_that_is_canceled_while_one_is_kept_ends_and_lets_nothing_out()
    {
        var server = new KeepingServer(Messages);
        using var over = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var run = Start(new(server, new()), null, (_, stopped) =>
        {
            begun.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopped);
        }, over.Token);
        await begun.Task.WaitAsync(Blocks.Patience);

        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Completion.WaitAsync(Blocks.Patience));
        await run.DisposeAsync();
        Assert.Equal((Messages, 0), (server.Open, server.Published.Count));
    }

    private static PipelineRun Start(Machine machine, Checkpoint? from, Func<ReadOnlyMemory<byte>, CancellationToken, Task> keep,
        CancellationToken cancellationToken = default) => Pipeline.Define("test",
            p => p.Subscribe(machine, "in", NumberCodec.Default, new() { Capacity = 64 }).Via("add-up", new AddUpOptions(AtOnce))
                .Publish(machine, "sums", NumberCodec.Default, new PublicationOptions { WithCheckpoint = true, InFlight = 8 }))
        .Start(new() { Checkpoints = new(keep) { HoldAtMost = TimeSpan.FromMilliseconds(1) }, StartFrom = from }, cancellationToken);
}
