namespace StreamLearn.Fleets.Tests;

/// <summary>The state of an aggregator as bytes. What it goes on to do, the probes of all tests show.</summary>
public sealed class AggregateStateTests
{
    private static readonly Strategy[] Strategies =
        [new FedBuff(100), new FedAdam(100), new FedAsync(100), new FedAvg(100) { Cohort = Cohort.Utility(3) }];

    public static TheoryData<int, string> Others() => new()
    {
        { 0, "expected the model " }, { 1, "expected an aggregator without receipts, got one with them" },
        { 2, "expected at most 1 slots, got 3" }, { 3, "expected a rule that asks for 0 versions, got 9" },
        { 4, "expected at most 1 devices, got 2" }, { 5, "expected at most 2 updates that are held, got 3" },
    };

    [Theory, MemberData(nameof(Others))]
    public void A_state_of_other_settings_is_refused(int other, string sentence)
    {
        AggregateOptions few = new() { MaxDevices = 1 }, held = new() { MaxHeldUpdates = 2 };
        var (from, to) = other switch
        {
            0 => (Make(new FedBuff(9), model: new SoftmaxRegression(2, 2, seed: 1), count: 0), Make(new FedBuff(9), count: 0)),
            1 => (Make(new FedBuff(9), receipts: true), Make(new FedBuff(9), count: 0)),
            2 => (Make(new FedAdam(2)), Make(new FedAvg(2), count: 0)),
            3 => (Make(new FedAsync(2)), Make(new FedMedian(2), count: 0)),
            4 => (Make(new FedAvg(9), count: 2), Make(new FedAvg(9), few, count: 0)),
            _ => (Make(new FedAvg(9), count: 3), Make(new FedAvg(9), held, count: 0)),
        };

        var refused = Assert.Throws<StateException>(() => States.Carry(from.State, to.State));
        Assert.StartsWith(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_is_cut_or_changed_is_refused_or_taken_and_nothing_else()
    {
        foreach (var strategy in Strategies)
        {
            var whole = States.Written(Make(strategy, receipts: true, count: 4).State);
            for (var length = 0; length < whole.Length; length++)
            {
                Assert.Throws<StateException>(() => Load(strategy, whole.AsSpan(0, length)));
            }

            for (var at = 0; at < whole.Length; at++)
            {
                foreach (var bits in new byte[] { 1, 0x80, 0xFF })
                {
                    var changed = (byte[])whole.Clone();
                    changed[at] ^= bits;
                    var failure = Record.Exception(() => Load(strategy, changed));
                    Assert.True(failure is null or StateException, $"byte {at}: {failure}");
                }
            }
        }
    }

    [Fact]
    public void The_same_state_is_written_again()
    {
        foreach (var strategy in Strategies)
        {
            var (from, to) = (Make(strategy, receipts: true, count: 4), Make(strategy, receipts: true, count: 0));
            States.Carry(from.State, to.State);
            Assert.Equal(States.Written(from.State), States.Written(to.State));
        }
    }

    [Fact]
    public void Saving_again_allocates_nothing()
    {
        var aggregate = Make(new FedAvg(100), receipts: true, count: 20);
        StateBuffer buffer = new();
        void Save()
        {
            buffer.Clear();
            StateStream s = new(buffer);
            aggregate.State(ref s);
        }

        Save();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) { Save(); }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 512);
    }

    [Fact]
    public void Leases_end_when_they_are_looked_at_and_not_with_a_message_before_that()
    {
        BlockMetrics metrics = new("aggregate");
        var context = States.Context(metrics);
        AggregateOptions options = new() { Lease = TimeSpan.FromSeconds(10) };
        var (before, aggregate) = (
            States.Aggregate(context, new FedBuff(100), options), States.Aggregate(context, new FedBuff(100), options));
        before.Process(Updates.Of("a", 1, 1));
        States.Carry(before.State, aggregate.State);
        context.Begin(OperatorProbe.Start.AddSeconds(11));
        aggregate.Process(Updates.Of("b", 1, 1));
        Assert.Equal(0, metrics.Counter("leases-ended"));
        aggregate.WakeUp();
        Assert.Equal(1, metrics.Counter("leases-ended"));
    }

    private static void Load(Strategy strategy, ReadOnlySpan<byte> state) =>
        States.Take(state, Make(strategy, receipts: true, count: 0).State);

    /// <summary>One that has updates of so many devices.</summary>
    private static Aggregate Make(
        Strategy strategy, AggregateOptions? options = null, bool receipts = false, IModel? model = null, int count = 2)
    {
        var aggregate = States.Aggregate(States.Context(goesOn: true), strategy, options, receipts, model);
        for (var i = 0; i < count; i++) { aggregate.Process(Updates.Of($"d{i}", 1, 1) with { Moments = new(2, [i], [1]) }); }
        return aggregate;
    }
}
