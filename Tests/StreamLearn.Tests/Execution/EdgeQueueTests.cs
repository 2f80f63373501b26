using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Tests;

public sealed class EdgeQueueTests
{
    [Fact]
    public void A_waiting_edge_holds_its_bounds_in_messages_and_in_bytes()
    {
        var (byCount, byBytes) = (Queue(OnFull.Wait, 2, 1000), Queue(OnFull.Wait, 10, 100));
        Assert.True(byCount.Add(1) && byCount.Add(2) && !byCount.Add(3));
        Assert.True(byBytes.Add(1, 60) && !byBytes.Add(2, 41) && byBytes.Add(3, 40));
        Assert.Equal((2, 2, 100, 100), (byBytes.Queue.Count, byBytes.Queue.PeakCount, byBytes.Queue.Bytes, byBytes.Queue.PeakBytes));
        Assert.Empty(byCount.Drops);
    }

    [Fact]
    public void A_message_passes_an_edge_by_only_if_nothing_is_queued_and_it_would_be_taken_in_as_it_is()
    {
        static Item Of(int number, int bytes = 10) => new($"{number}", null, number, number, bytes, 0);
        var (waiting, dropping) = (Queue(OnFull.Wait, 2, 100), Queue(OnFull.DropNewest, 2, 100));
        using var batch = new BatchPool().Rent(Testing.Batches.Channels(1), 1);

        Assert.True(waiting.Queue.MayPassBy(Of(1)));
        Assert.False(waiting.Queue.MayPassBy(Of(1, bytes: 101)));
        Assert.False(waiting.Queue.MayPassBy(Item.Of(batch, null, 0, 0)));      // the first batch fixes the edge's columns
        Assert.False(dropping.Queue.MayPassBy(Of(1)));

        waiting.Add(1);
        Assert.False(waiting.Queue.MayPassBy(Of(2)));
        Assert.True(waiting.Queue.TryTake(out _));
        Assert.True(waiting.Queue.MayPassBy(Of(2)));
    }

    [Fact]
    public void A_message_larger_than_a_waiting_edge_is_an_error_that_names_the_edge()
    {
        var queue = Queue(OnFull.Wait, 2, 100);
        Assert.Equal(
            "edge a→b: a message of 101 B is larger than the edge's bound of 100 B: raise it with Buffer",
            Assert.Throws<InvalidOperationException>(() => queue.Add(1, 101)).Message);
        Assert.True(queue.Add(2, 100));
    }

    [Theory, InlineData(OnFull.DropOldest), InlineData(OnFull.DropNewest), InlineData(OnFull.KeepLatest), InlineData(OnFull.Coalesce)]
    public void A_message_larger_than_another_edge_is_dropped_as_oversized(OnFull onFull)
    {
        var queue = Queue(onFull, 2, 100);
        queue.Add(1, 10);
        Assert.True(queue.Add(2, 101));
        Assert.Equal([1], queue.Numbers);
        Assert.Equal(("oversized", 1L), Assert.Single(queue.Drops));
        Assert.Equal(1, queue.Tokens.Open);
    }

    [Fact]
    public void Drop_oldest_makes_room_by_count_and_by_bytes()
    {
        var queue = Queue(OnFull.DropOldest, 3, 100);
        for (var i = 1; i <= 4; i++) { queue.Add(i, 20); }
        Assert.Equal([2, 3, 4], queue.Numbers);
        queue.Add(5, 80);
        Assert.Equal([4, 5], queue.Numbers);
        Assert.Equal(("drop-oldest", 3L), Assert.Single(queue.Drops));
        Assert.Equal(2, queue.Tokens.Open);
    }

    [Theory]
    [InlineData(OnFull.DropNewest, 2, new[] { 1, 2 }, "drop-newest")]
    [InlineData(OnFull.KeepLatest, 64, new[] { 4 }, "replaced")]
    public void Drop_newest_keeps_what_is_queued_and_keep_latest_queues_one(OnFull onFull, int messages, int[] kept, string reason)
    {
        var queue = Queue(onFull, messages, 100);
        for (var i = 1; i <= 4; i++) { queue.Add(i, 20); }
        Assert.Equal(kept, queue.Numbers);
        Assert.Equal((reason, 4L - kept.Length), Assert.Single(queue.Drops));
        Assert.Equal(kept.Length, queue.Tokens.Open);
    }

    [Fact]
    public void Coalesce_merges_messages_numbers_and_tokens()
    {
        var queue = Queue(OnFull.Coalesce, 1, 100);
        for (var i = 1; i <= 4; i++) { queue.Add(i, 10); }
        Assert.True(queue.Queue.TryTake(out var item));
        Assert.Equal((10, 1, 4), (((Sized)item.Value).Number, item.First, item.Last));
        Assert.Equal(3, queue.Metrics.Counter("coalesced"));
        Assert.Empty(queue.Ended);
        item.End(processed: true);
        Assert.Equal([1, 2, 3, 4], queue.Ended.Order());
        Assert.Equal(0, queue.Tokens.Open);
        Assert.Empty(queue.Drops);
    }

    [Fact]
    public void A_merged_message_that_outgrows_the_edge_is_dropped_as_oversized()
    {
        var queue = Queue(OnFull.Coalesce, 1, 100);
        queue.Add(1, 60);
        queue.Add(2, 60);
        Assert.Equal((0, 0L, 60L), (queue.Queue.Count, queue.Queue.Bytes, queue.Queue.PeakBytes));
        Assert.Equal(("oversized", 1L), Assert.Single(queue.Drops));
        Assert.Equal([1, 2], queue.Ended.Order());
    }

    [Fact]
    public void Many_coalesced_tokens_end_without_deep_recursion()
    {
        var queue = Queue(OnFull.Coalesce, 1, 1 << 20);
        for (var i = 1; i <= 200_000; i++) { queue.Add(i, 0); }
        Assert.True(queue.Queue.TryTake(out var item));
        item.End(processed: false);
        Assert.Equal(200_000, queue.Ended.Count);
        Assert.Equal(200_000, queue.Abandoned);
        Assert.Equal(0, queue.Tokens.Open);
    }

    [Fact]
    public void Rows_that_a_merge_leaves_out_are_counted()
    {
        var metrics = new BlockMetrics("b");
        var pool = new BatchPool(guard: true);
        Batch Rows(int rows) => pool.Rent(Testing.Batches.Channels(1), rows);
        static object FirstOf(object queued, object added)
        {
            ((Batch)added).Dispose();
            return queued;
        }

        var queue = new EdgeQueue(new(0, 0, 1, false, new() { OnFull = OnFull.Coalesce, Merge = FirstOf }), "a→b", metrics, new());
        foreach (var rows in new[] { 3, 5, 7 }) { queue.TryAdd(Item.Of(Rows(rows), null, 0, 0)); }

        Assert.Equal((2L, 12L, 3L), (metrics.Counter("coalesced"), metrics.Counter("rows-coalesced"), queue.Rows));
        Assert.True(queue.TryTake(out var item));
        item.End(processed: true);
    }

    [Fact]
    public void A_merge_that_throws_gives_back_the_queued_message()
    {
        var metrics = new BlockMetrics("b");
        var (pool, tokens) = (new BatchPool(guard: true), new TokenPool());
        var options = new EdgeOptions { OnFull = OnFull.Coalesce, Merge = static (_, _) => throw new InvalidOperationException("no") };
        var queue = new EdgeQueue(new(0, 0, 1, false, options), "a→b", metrics, tokens);
        var first = pool.Rent(Testing.Batches.Channels(1), 1);
        var second = pool.Rent(Testing.Batches.Channels(1), 1);
        queue.TryAdd(Item.Of(first, null, 0, 0));

        Assert.Throws<InvalidOperationException>(() => queue.TryAdd(Item.Of(second, null, 1, 1)));

        Assert.Equal(1, pool.RentedBatches);
        Assert.Equal((0, 0L, 0L), (queue.Count, queue.Bytes, queue.Rows));
        Assert.Equal(1, metrics.Drops["merge-failed"]);
        second.Dispose();
    }

    [Fact]
    public void Control_replaces_the_waiting_message_of_its_kind_and_sender_in_its_place()
    {
        var queue = Queue(OnFull.Wait, 3, 100, control: true);
        queue.AddControl("x", 1, 10, rows: 5);
        queue.AddControl("y", 2, 10, rows: 7);
        queue.AddControl("x", 3, 30, rows: 1);
        Assert.Equal([3, 2], queue.Numbers);
        Assert.Equal((2, 40L, 8L, 40L), (queue.Queue.Count, queue.Queue.Bytes, queue.Queue.Rows, queue.Queue.PeakBytes));
        Assert.Equal(("replaced", 1L), Assert.Single(queue.Drops));
        Assert.Equal([1], queue.Ended);
    }

    [Fact]
    public void Control_beyond_its_bound_is_over_credit_and_never_waits()
    {
        var queue = Queue(OnFull.Wait, 2, 100, control: true);
        Assert.True(queue.Add(1) && queue.Add(2) && queue.Add(3));
        Assert.Equal(("over-credit", 1L), Assert.Single(queue.Drops));
        Assert.True(queue.Add(4, 101));
        Assert.Equal(1, queue.Metrics.Drops["oversized"]);
        Assert.Equal([1, 2], queue.Numbers);
    }

    [Fact]
    public void A_replacing_control_message_that_does_not_fit_leaves_the_waiting_one()
    {
        var queue = Queue(OnFull.Wait, 4, 100, control: true);
        queue.AddControl("x", 1, 50);
        queue.AddControl("y", 2, 50);
        queue.AddControl("x", 3, 51);
        Assert.Equal([1, 2], queue.Numbers);
        Assert.Equal(("over-credit", 1L), Assert.Single(queue.Drops));
        Assert.InRange(queue.Queue.PeakBytes, 0, 100);
    }

    [Theory, InlineData(true, "after-end"), InlineData(false, null)]
    public void Clearing_ends_all_and_counts_only_what_a_receiver_gave_up(bool processed, string? reason)
    {
        var queue = Queue(OnFull.Wait, 5, 100);
        queue.Add(1);
        queue.Add(2);
        EdgeQueue.EndAll(queue.Queue.TakeAll(processed ? "after-end" : null), processed);
        Assert.Equal((0, 0L, 0), (queue.Queue.Count, queue.Queue.Bytes, queue.Tokens.Open));
        Assert.Equal(processed ? 0 : 2, queue.Abandoned);
        Assert.Equal(reason, queue.Drops.Select(d => d.Reason).SingleOrDefault());
    }

    [Theory, InlineData(OnFull.Wait, false), InlineData(OnFull.DropOldest, false), InlineData(OnFull.DropNewest, false)]
    [InlineData(OnFull.KeepLatest, false), InlineData(OnFull.Coalesce, false), InlineData(OnFull.Wait, true)]
    public void Every_policy_does_what_a_naive_model_does(OnFull onFull, bool control)
    {
        Prop.ForAll(Gen.Choose(int.MinValue, int.MaxValue).ArrayOf().ToArbitrary(), choices => Matches(choices, onFull, control))
            .QuickCheckThrowOnFailure();

        static void Matches(int[] choices, OnFull onFull, bool control)
        {
            var queue = Queue(onFull, 3, 100, control);
            var model = new NaiveEdge(onFull, 3, 100, control);
            var number = 0;
            foreach (var choice in choices)
            {
                var bits = (uint)choice;
                if (bits % 4 == 0)
                {
                    var took = queue.Queue.TryTake(out var item);
                    Assert.Equal(model.Take(out var expected), took);
                    if (took)
                    {
                        Assert.Equal(expected, ((Sized)item.Value).Number);
                        item.End(processed: true);
                    }
                }
                else
                {
                    var (bytes, rows, kind) = ((int)(bits >> 2) % (onFull == OnFull.Wait && !control ? 101 : 120),
                        (int)(bits >> 9) % 50, (int)(bits >> 15) % 3);
                    number++;
                    var message = control && kind > 0
                        ? new Replaceable(number, bytes, rows, $"sender {kind}")
                        : new Sized(number, bytes, rows);
                    Assert.Equal(model.Add(message), queue.Add(message));
                }
                Assert.Equal((model.Items.Count, model.Items.Sum(i => i.SizeBytes), model.Items.Sum(i => i.Rows)),
                    (queue.Queue.Count, queue.Queue.Bytes, queue.Queue.Rows));
                Assert.Equal(model.Drops, queue.Drops.Sum(d => d.Count));
                Assert.InRange(queue.Queue.PeakCount, queue.Queue.Count, 3);
                Assert.InRange(queue.Queue.PeakBytes, queue.Queue.Bytes, 100);
            }
            EdgeQueue.EndAll(queue.Queue.TakeAll("after-end"), processed: true);
            Assert.Equal(0, queue.Tokens.Open);
        }
    }

    [Fact]
    public void Runs_taken_ahead_keep_order_and_bounds_and_stay_counted_until_their_last_message_is_taken() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ArrayOf(300).ToArbitrary(), static choices =>
        {
            var queue = Queue(OnFull.Wait, 40, 1000);
            var (model, number) = (new Queue<Sized>(), 0);
            foreach (var choice in choices)
            {
                if (choice % 5 < 2 && choice % 211 > 0)
                {
                    var took = queue.Queue.TryTakeAhead(out var item) || queue.Queue.TryTakeRun(out item);
                    Assert.Equal(model.TryDequeue(out var expected), took);
                    if (!took) { continue; }
                    Assert.Same(expected, item.Value);
                    item.End(processed: true);
                }
                else
                {
                    var message = new Sized(++number, (choice >> 8) % 120, (choice >> 16) % 9);
                    if (queue.Add(message)) { model.Enqueue(message); }
                    else { Assert.True(queue.Queue.Count == 40 || queue.Queue.Bytes + message.SizeBytes > 1000); }
                }
                Assert.InRange(queue.Queue.Count, model.Count, Math.Min(40, model.Count + 4));      // a run is at most an eighth of 40
                Assert.InRange(queue.Queue.Bytes, model.Sum(m => m.SizeBytes), 1000);
                Assert.InRange(queue.Queue.Rows, model.Sum(m => m.Rows), long.MaxValue);
                Assert.Equal(model.Count == 0, queue.Queue.Count == 0);
                Assert.Equal(model.Count, queue.Tokens.Open);
            }
            EdgeQueue.EndAll(queue.Queue.TakeAll("after-end"), processed: true);
            Assert.Equal((0, 0L, 0L, 0L), (queue.Queue.Count, queue.Queue.Bytes, queue.Queue.Rows, queue.Tokens.Open));
            Assert.Equal(model.Count, queue.Drops.Sum(d => d.Count));
        }).QuickCheckThrowOnFailure();

    private static Bench Queue(OnFull onFull, int messages, long bytes, bool control = false) => new(onFull, messages, bytes, control);
    private record Sized(int Number, long SizeBytes, int Rows) : ISized;

    private sealed record Replaceable(int Number, long SizeBytes, int Rows, string ReplacementKey) : Sized(Number, SizeBytes, Rows),
        IReplaceable;

    /// <summary>A queue with messages that have a token each.</summary>
    private sealed class Bench : ITokenTarget
    {
        internal Bench(OnFull onFull, int messages, long bytes, bool control)
        {
            var options = new EdgeOptions
            {
                CapacityMessages = messages,
                CapacityBytes = bytes,
                OnFull = onFull,
                Merge = static (a, b) => Merge((Sized)a, (Sized)b),
            };
            Queue = new(new(0, 0, 1, control, options), "a→b", Metrics, Tokens);
        }

        internal EdgeQueue Queue { get; }
        internal BlockMetrics Metrics { get; } = new("b");
        internal TokenPool Tokens { get; } = new();
        internal List<long> Ended { get; } = [];
        internal int Abandoned { get; private set; }
        internal List<(string Reason, long Count)> Drops => [.. Metrics.Drops.Select(d => (d.Key, d.Value))];

        internal List<int> Numbers
        {
            get
            {
                var numbers = new List<int>();
                var taken = new List<Item>();
                while (Queue.TryTake(out var item)) { taken.Add(item); }
                foreach (var item in taken)
                {
                    numbers.Add(((Sized)item.Value).Number);
                    Queue.TryAdd(item);
                }
                return numbers;
            }
        }

        internal static Sized Merge(Sized a, Sized b) => new(a.Number + b.Number, a.SizeBytes + b.SizeBytes, a.Rows + b.Rows);
        internal bool Add(int number, long bytes = 10) => Add(new Sized(number, bytes, 1));
        internal bool AddControl(string sender, int number, long bytes, int rows = 0) => Add(new Replaceable(number, bytes, rows, sender));

        internal bool Add(Sized message)
        {
            var token = Tokens.Rent(this, message.Number);
            var taken = false;
            try { return taken = Queue.TryAdd(Item.Of(message, token, message.Number, message.Number)); }
            finally
            {
                if (!taken) { token.Release(processed: true); }
            }
        }

        void ITokenTarget.Ended(long id, bool processed)
        {
            Ended.Add(id);
            if (!processed) { Abandoned++; }
        }
    }

    /// <summary>The policies once more, as lists without cleverness.</summary>
    private sealed class NaiveEdge(OnFull onFull, int messages, long bytes, bool control)
    {
        internal List<Sized> Items { get; } = [];
        internal long Drops { get; private set; }

        internal bool Take(out int number)
        {
            number = Items.Count > 0 ? Items[0].Number : 0;
            if (Items.Count == 0) { return false; }
            Items.RemoveAt(0);
            return true;
        }

        internal bool Add(Sized added)
        {
            if (control) { return AddControl(added); }
            if (added.SizeBytes > bytes) { return Drop(1); }
            switch (onFull)
            {
                case OnFull.Wait when !Fits(added): return false;
                case OnFull.DropNewest when !Fits(added): return Drop(1);
                case OnFull.DropOldest:
                    for (; !Fits(added); Drop(1)) { Items.RemoveAt(0); }
                    break;
                case OnFull.KeepLatest:
                    Drop(Items.Count);
                    Items.Clear();
                    break;
                case OnFull.Coalesce when Items.Count > 0:
                    added = Bench.Merge(Items[0], added);
                    Items.Clear();
                    if (added.SizeBytes > bytes) { return Drop(1); }
                    break;
            }
            Items.Add(added);
            return true;
        }

        private bool AddControl(Sized added)
        {
            var at = added is Replaceable r ? Items.FindIndex(i => i is Replaceable q && q.ReplacementKey == r.ReplacementKey) : -1;
            var rest = Items.Where((_, i) => i != at).ToList();
            if (rest.Sum(i => i.SizeBytes) + added.SizeBytes > bytes || (at < 0 && Items.Count == messages)) { return Drop(1); }
            if (at < 0) { Items.Add(added); }
            else
            {
                Items[at] = added;
                Drop(1);
            }
            return true;
        }

        private bool Fits(Sized added) => Items.Count < messages && Items.Sum(i => i.SizeBytes) + added.SizeBytes <= bytes;

        private bool Drop(int count)
        {
            Drops += count;
            return true;
        }
    }
}
