namespace StreamLearn.Tests;

/// <summary>Runs: a receiver takes some messages of a waiting edge at once, and they stay counted until the last of them is
/// taken.</summary>
public sealed class EdgeRunTests
{
    [Fact]
    public void Messages_taken_in_runs_keep_their_order_and_the_bounds_of_the_edge()
    {
        var random = new Random(5);
        for (var script = 0; script < 200; script++)
        {
            var (capacity, capacityBytes) = (random.Next(1, 100), random.Next(100, 5000));
            var (queue, tokens, ends) = Queue(capacity, capacityBytes);
            var left = new Queue<(long Number, long Bytes)>();
            for (var step = 0; step < 500; step++)
            {
                if (random.Next(2) == 0)
                {
                    var size = random.Next(1, 101);
                    var token = tokens.Rent(ends, step);
                    if (queue.TryAdd(Item.Of(new Sized(size), token, step, step))) { left.Enqueue((step, size)); }
                    else { token.Release(processed: true); }
                }
                else
                {
                    Assert.Equal(left.TryDequeue(out var expected), Take(queue, out var item));
                    Assert.Equal(expected, (item.First, item.Bytes));
                    item.Token?.Release(processed: true);
                }
                Assert.InRange(queue.Count, left.Count, Math.Min(capacity, left.Count + (capacity / 8)));
                Assert.InRange(queue.Bytes, left.Sum(l => l.Bytes), capacityBytes);
                Assert.True(left.Count > 0 || queue is { Count: 0, Bytes: 0, Rows: 0 });
            }
            Assert.Equal(left.Count, tokens.Open);
            EdgeQueue.EndAll(queue.TakeAll(null), processed: random.Next(2) == 0);
            Assert.Equal((0, 0L, 0L, 0L), (queue.Count, queue.Bytes, queue.Rows, tokens.Open));
        }
    }

    [Fact]
    public void A_run_gives_its_room_back_with_its_last_message()
    {
        var (queue, tokens, _) = Queue(16, 1000);
        for (var i = 0; i < 16; i++) { queue.TryAdd(Item.Of(new Sized(1), null, i, i)); }
        Assert.True(Take(queue, out _));
        Assert.False(queue.TryAdd(Item.Of(new Sized(1), null, 16, 16)));
        Assert.True(Take(queue, out _));
        Assert.True(queue.TryAdd(Item.Of(new Sized(1), null, 16, 16)));
        Assert.Equal((15, 16, 0), (queue.Count, queue.PeakCount, tokens.Open));
    }

    [Fact]
    public void A_run_holds_no_more_than_an_eighth_of_the_bytes()
    {
        var (queue, _, _) = Queue(64, 800);
        for (var i = 0; i < 3; i++) { queue.TryAdd(Item.Of(new Sized(60), null, i, i)); }
        Assert.True(Take(queue, out _));
        Assert.Equal((2, 120L), (queue.Count, queue.Bytes));
    }

    private static bool Take(EdgeQueue queue, out Item item) => queue.TryTakeAhead(out item) || queue.TryTakeRun(out item);

    private static (EdgeQueue Queue, TokenPool Tokens, Ends Ends) Queue(int messages, long bytes)
    {
        var tokens = new TokenPool();
        var options = new EdgeOptions { CapacityMessages = messages, CapacityBytes = bytes };
        return (new(new(0, 0, 1, false, options), "a→b", new("b"), tokens), tokens, new());
    }

    private sealed record Sized(long SizeBytes) : ISized
    {
        int ISized.Rows => 1;
    }

    private sealed class Ends : ITokenTarget
    {
        void ITokenTarget.Ended(long id, bool processed) { }
    }
}
