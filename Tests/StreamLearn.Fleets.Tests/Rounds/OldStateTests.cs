namespace StreamLearn.Fleets.Tests;

/// <summary>An aggregator that starts from a state, and the version that the server has kept of it.</summary>
public sealed class OldStateTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);
    private static readonly AggregateOptions First =
        new() { Epoch = 1, Averaging = Averaging.None, Others = [new("sole", new FedBuff(1))] };
    private static readonly AggregateOptions Second = First with { Epoch = 2, Restore = Wait };

    private static readonly Weights Kept = Updates.Model.Initial with
    {
        Version = 7,
        Epoch = 1,
        Values = [.. Updates.Model.Initial.Values.Select(static v => v + 1)],
    };

    private readonly Taken<Round> _rounds = new();
    private readonly Taken<Receipt> _receipts = new();
    private readonly OperatorContext _context = States.Context();

    [Fact]
    public void From_an_older_state_it_goes_on_from_the_version_and_makes_no_number_twice()
    {
        var edge = Restarted(Second);
        Assert.False(edge.Ready);
        edge.Control(Kept);
        edge.Process(Updates.Of("a", 3, 2, baseVersion: 8) with { BaseEpoch = 2 });
        edge.Process(Updates.Of("b", 2, 2, baseVersion: 8) with { BaseEpoch = 2 });
        Assert.Equal([new(2, 8), new ModelVersion(2, 9)], _rounds.Items.Select(static r => r.Made.Id));
        Assert.Equal([1, 3], _rounds.Items.Select(static r => Updates.Moved(r.Made)[0]));
        Assert.Equal([new("a", 1, 2, "void-round")], _rounds.Items[0].Refusals);
        Assert.Contains(_receipts.Items, static r => r.FateOf(2) is { Outcome: UpdateOutcome.Refused, Reason: "void-round" });
    }

    [Theory]
    [InlineData(1, 1)]      // the newest that it had made
    [InlineData(1, 0)]
    [InlineData(0, 9)]      // of an earlier start, from a server that was put back
    public void From_the_newest_state_it_goes_on_with_its_open_round(long epoch, long version)
    {
        var edge = Restarted(Second);
        edge.Control(Kept with { Epoch = epoch, Version = version });
        Assert.True(edge.Ready);
        Assert.Empty(_rounds.Items);
        edge.Process(Updates.Of("b", 2, 4, baseVersion: 1) with { BaseEpoch = 1 });
        var round = Assert.Single(_rounds.Items);
        Assert.Equal((new ModelVersion(1, 2), 2), (round.Made.Id, round.Contributions.Length));
        Assert.Equal(1 + 3, Updates.Moved(round.Made)[0], 1e-5f);
    }

    [Fact]
    public void Where_the_server_has_kept_none_it_goes_on_when_the_time_is_up()
    {
        var edge = Restarted(Second);
        Assert.Equal(OperatorProbe.Start + Wait, _context.TakeWake());
        _context.Begin(OperatorProbe.Start + Wait);
        edge.WakeUp();
        Assert.True(edge.Ready);
        Assert.Empty(_rounds.Items);
    }

    [Fact]
    public void A_wake_up_for_something_else_does_not_take_the_place_of_that_at_the_times_end()
    {
        var edge = Restarted(Second);
        _context.TakeWake();
        _context.Begin(OperatorProbe.Start + (Wait / 2));
        edge.WakeUp();
        Assert.False(edge.Ready);
        Assert.Equal(OperatorProbe.Start + Wait, _context.TakeWake());
    }

    [Fact]
    public void A_state_that_is_reloaded_within_a_start_is_not_closed_again()
    {
        Assert.True(Restarted(First with { Restore = Wait }).Ready);
        Assert.True(Restarted(Second with { Restore = null }).Ready);
    }

    [Fact]
    public void Connections_of_the_start_before_are_none_of_this_one()
    {
        var options = First with { RestoreOnceConnected = true };
        var edge = Restarted(options with { Epoch = 2, Restore = Wait }, new() { Transport = "t", Session = "s", IsConnected = true });
        _context.Begin(OperatorProbe.Start + Wait);
        edge.WakeUp();
        Assert.False(edge.Ready);
    }

    [Fact]
    public void A_strategy_chosen_meanwhile_is_followed_from_the_version_on()
    {
        var edge = Restarted(Second);
        edge.Control(new StrategyChoice("sole"));
        var again = new Aggregate(new(Updates.Model, new FedBuff(2), Second), _context, new Taken<Weights>(), _rounds, _receipts);
        States.Carry(edge.State, again.State);
        Assert.Empty(_rounds.Items);
        again.Control(Kept);
        again.Process(Updates.Of("a", 3, 2, baseVersion: 9) with { BaseEpoch = 2 });
        Assert.Equal([8, 9, 10], _rounds.Items.Select(static r => r.Version));
        Assert.Equal("sole", _rounds.Items[^1].Strategy);
    }

    /// <summary>One that goes on from the state of another, which has made a version and holds an update of a round that is open.</summary>
    private Aggregate Restarted(AggregateOptions options, ConnectionChange? connection = null)
    {
        var before = States.Aggregate(States.Context(), new FedBuff(2), First, receipts: true);
        if (connection is not null) { before.Control(connection); }
        before.Process(Updates.Of("a", 1, 1));
        before.Process(Updates.Of("b", 1, 1));
        before.Process(Updates.Of("a", 2, 2, baseVersion: 1) with { BaseEpoch = 1 });
        var after = new Aggregate(new(Updates.Model, new FedBuff(2), options), _context, new Taken<Weights>(), _rounds, _receipts);
        _context.TakeWake();
        States.Carry(before.State, after.State);
        return after;
    }

    private sealed class Taken<T> : IOutput<T>
        where T : class
    {
        internal List<T> Items { get; } = [];
        public void Emit(T item) => Items.Add(item);
    }
}
