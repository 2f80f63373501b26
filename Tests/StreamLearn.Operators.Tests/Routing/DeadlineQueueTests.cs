using StreamLearn.Simulation;

namespace StreamLearn.Operators.Tests;

/// <summary>Messages that are served by their deadlines. A text says by its first digit how many seconds it takes, and by its second how
/// many it has.</summary>
public sealed class DeadlineQueueTests
{
    [Theory]
    [InlineData(ServiceOrder.EarliestDeadline, "15 13 14 19")]
    [InlineData(ServiceOrder.FirstIn, "15 14 19 13")]
    [InlineData(ServiceOrder.LastIn, "15 13 19 14")]
    public void Each_order_serves_those_that_wait_in_its_own_way(ServiceOrder order, string served)
    {
        using var probe = Paced(new() { Order = order, KeepInfeasible = true });
        foreach (var message in new[] { "15", "14", "19", "13" })
        {
            probe.Send(message);
            probe.Advance(TimeSpan.Zero);
        }
        probe.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(served.Split(' '), probe.TakeAll<string>());
    }

    [Fact]
    public void Order_of_deadlines_is_not_that_of_arrival()
    {
        using var probe = Paced(new());
        Send(probe, "15", "18", "14");
        probe.Advance(TimeSpan.FromSeconds(1.5));
        probe.Send("13");       // due at 4.5, before the one that is due at 8
        probe.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(["14", "15", "13", "18"], probe.TakeAll<string>());
    }

    [Fact]
    public void What_cannot_be_done_in_time_is_dropped_and_holds_nobody_back()
    {
        using var probe = Paced(new() { Order = ServiceOrder.FirstIn });
        Send(probe, "33", "95", "24", "41", "22", "12");
        Assert.Equal("33", probe.Expect<string>());
        probe.Advance(TimeSpan.FromSeconds(3));
        probe.ExpectNothing();              // 24 has 1 s left and takes 2, and so on
        Assert.Equal((5, 1), (probe.Metrics.Drops["infeasible"], probe.Metrics.Counter("served")));
        Send(probe, "22", "29");
        Assert.Equal("22", probe.Expect<string>());
        probe.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("29", probe.Expect<string>());
        probe.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, probe.Metrics.Counter("late"));     // each was done at its deadline or before
    }

    [Fact]
    public void What_is_just_feasible_is_served_and_a_tick_later_it_is_not()
    {
        using var probe = Paced(new());
        probe.Send("45");
        probe.Advance(TimeSpan.Zero);
        probe.Advance(TimeSpan.FromSeconds(3));
        probe.Send("34");                   // free at 4, done at 7: due at 7
        probe.Send("34");
        probe.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["45", "34"], probe.TakeAll<string>());
        Assert.Equal(1, probe.Metrics.Drops["infeasible"]);
    }

    [Theory]
    [InlineData(ServiceOrder.EarliestDeadline, "19 15 16")]
    [InlineData(ServiceOrder.FirstIn, "19 17 15")]
    [InlineData(ServiceOrder.LastIn, "19 16 15")]
    public void A_full_queue_drops_the_last_in_its_order(ServiceOrder order, string served)
    {
        using var probe = Paced(new() { Order = order, CapacityMessages = 2, KeepInfeasible = true });
        Send(probe, "19");
        foreach (var message in new[] { "17", "15", "16" }) { probe.Send(message); }
        probe.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(served.Split(' '), probe.TakeAll<string>());
        Assert.Equal(1, probe.Metrics.Drops["full"]);
    }

    [Fact]
    public void A_full_queue_first_drops_what_can_no_longer_be_done()
    {
        using var probe = Paced(new() { CapacityMessages = 2 });
        Send(probe, "59");
        probe.Send("12");
        probe.Send("19");
        probe.Advance(TimeSpan.FromSeconds(2));
        probe.Send("18");
        probe.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(["59", "19", "18"], probe.TakeAll<string>());
        Assert.Equal(["infeasible"], probe.Metrics.Drops.Keys);
    }

    /// <summary>In the virtual world, where a call takes the time that it reports.</summary>
    [Fact]
    public void Without_a_function_the_service_is_predicted_from_what_was_measured()
    {
        using var world = new VirtualWorld(new() { Seed = 1 });
        string[] messages = ["29", "49", "12", "13", "11", "52"];       // the mean is 2, (2 + 4) / 2 = 3, and after the fourth (3 + 1) / 2
        List<string> served = [];
        var device = world.Add(Pipeline.Define("server", p => p
            .From("texts", messages, static (string[] texts, OperatorContext context) => new Every10Seconds(texts, context.Now))
            .ServeByDeadline("serve", Due, static (text, context) =>
                {
                    context.Charge(TimeSpan.FromSeconds(text[0] - '0'));
                    return text;
                },
                codec: TextCodec.Default, options: new() { NewestShare = 0.5 })
            .ForEach("done", served.Add)));
        world.RunToEnd(TestContext.Current.CancellationToken);
        var metrics = device.Metrics["serve"];
        Assert.Equal(["29", "49", "13", "52"], served);
        Assert.Equal((2, 1), (metrics.Drops["infeasible"], metrics.Counter("late")));
    }

    /// <summary>More come during a service than a host hands in between two wake-ups: the earliest of all is next.</summary>
    [Fact]
    public void All_that_came_during_a_service_is_looked_at_before_the_next_is_chosen()
    {
        using var world = new VirtualWorld(new() { Seed = 1 });
        string[] messages = ["99", .. Enumerable.Repeat("19", 50), "13"];
        List<string> served = [];
        world.Add(Pipeline.Define("server", p => p
            .From("texts", messages, static (string[] texts, OperatorContext context) => new AtOnce(texts, context.Now))
            .ServeByDeadline("serve", Due, static (text, context) =>
                {
                    context.Charge(TimeSpan.FromSeconds(text[0] - '0'));
                    return text;
                },
                codec: TextCodec.Default, options: new() { KeepInfeasible = true })
            .ForEach("done", served.Add)));
        world.RunToEnd(TestContext.Current.CancellationToken);
        Assert.Equal(["99", "13", "19"], served[..3]);
        Assert.Equal(52, served.Count);
    }

    [Fact]
    public void What_waits_at_the_end_is_served_before_the_block_ends()
    {
        using var probe = Paced(new());
        Send(probe, "19", "19", "11");
        probe.Complete();
        Assert.True(probe.AwaitingReplies);
        probe.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["11", "19", "19"], probe.TakeAll<string>());
        Assert.False(probe.AwaitingReplies);
    }

    [Fact]
    public void A_column_gives_the_earliest_time_of_a_batch()
    {
        var pool = new BatchPool();
        var columns = new Schema(Field.Time());
        using var batch = Batches.Of(pool, columns, new long[] { 3_000_000_000, 2_000_000_000 });
        using var none = pool.Rent(columns, 0);
        var deadline = Deadlines.OfColumn("time", TimeSpan.FromSeconds(5));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(7), deadline(batch, default));
        Assert.Equal(OperatorProbe.Start.AddSeconds(5), deadline(none, OperatorProbe.Start));
        Assert.Equal(DateTimeOffset.MaxValue, Deadlines.OfColumn("time", TimeSpan.MaxValue)(batch, default));
        Assert.Equal(DateTimeOffset.MaxValue, Deadlines.Within<Batch>(TimeSpan.MaxValue)(batch, OperatorProbe.Start));
    }

    [Fact]
    public void Settings_are_checked_and_explained()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new DeadlineQueueOptions { Order = (ServiceOrder)3 });
        using var probe = Paced(new() { Order = ServiceOrder.LastIn, CapacityMessages = 7 });
        Assert.Contains("last in, first out, 7 messages, drops infeasible, paced", probe.Pipeline.Explain(), StringComparison.Ordinal);
        using var same = Paced(new() { Order = ServiceOrder.LastIn, CapacityMessages = 7 });
        using var other = Paced(new());
        Assert.Equal(same.Pipeline, probe.Pipeline);
        Assert.NotEqual(other.Pipeline, probe.Pipeline);
    }

    private static OperatorProbe Paced(DeadlineQueueOptions options) => OperatorProbe.Of<string, string>(
        flow => flow.DeadlineQueue(Due, static text => TimeSpan.FromSeconds(text[0] - '0'), TextCodec.Default, options));

    private static DateTimeOffset Due(string text, DateTimeOffset came) => came.AddSeconds(text[1] - '0');

    private static void Send(OperatorProbe probe, params IEnumerable<string> messages)
    {
        foreach (var message in messages) { probe.Send(message); }
        probe.Advance(TimeSpan.Zero);
    }

    private class Every10Seconds(string[] texts, DateTimeOffset start) : Source<string>
    {
        private int _next;
        public override DateTimeOffset? NextAt => _next < texts.Length ? At(_next) : null;
        public override string Next() => texts[_next++];
        protected virtual DateTimeOffset At(int place) => start.AddSeconds(10 * place);
    }

    /// <summary>The first, and a second later all others.</summary>
    private sealed class AtOnce(string[] texts, DateTimeOffset start) : Every10Seconds(texts, start)
    {
        private readonly DateTimeOffset _start = start;
        protected override DateTimeOffset At(int place) => _start.AddSeconds(Math.Min(place, 1));
    }
}
