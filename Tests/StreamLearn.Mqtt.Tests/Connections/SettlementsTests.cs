namespace StreamLearn.Mqtt.Tests;

/// <summary>What an application says about messages reaches their connection: at once, together, or after a moment.</summary>
public sealed class SettlementsTests
{
    private const int Capacity = 1000;
    private readonly ManualTimeProvider _time = new();
    private readonly Lock _gate = new();
    private readonly Hearer _hearer = new();

    [Fact]
    public void Who_waits_for_messages_is_heard_at_once()
    {
        var settlements = Open();
        settlements.Settle(1, Outcome.Acknowledge);
        settlements.Settle(1, Outcome.Release);
        Assert.Equal([(1, Outcome.Acknowledge), (1, Outcome.Release)], _hearer.Heard);
    }

    [Fact]
    public void Who_is_busy_is_heard_after_a_moment()
    {
        var settlements = Open();
        settlements.IsIdle = false;
        settlements.Settle(1, Outcome.Acknowledge);
        settlements.Settle(2, Outcome.Refuse);
        Assert.Empty(_hearer.Heard);

        _time.Advance(TimeSpan.FromMilliseconds(5));

        Assert.Equal([(1, Outcome.Acknowledge), (2, Outcome.Refuse)], _hearer.Heard);
        Assert.Contains(SettledNext.Write, _hearer.Raised);
        settlements.Settle(3, Outcome.Acknowledge);
        _time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(3, _hearer.Heard.Count);
    }

    [Fact]
    public void Much_is_heard_together()
    {
        var settlements = Open();
        settlements.IsIdle = false;
        for (var i = 0; i < 63; i++) { settlements.Settle(i, Outcome.Acknowledge); }
        Assert.Empty(_hearer.Heard);
        settlements.Settle(63, Outcome.Acknowledge);
        Assert.Equal(Enumerable.Range(0, 64).Select(static i => ((long)i, Outcome.Acknowledge)), _hearer.Heard);
    }

    [Fact]
    public void After_its_end_it_is_heard_at_once()
    {
        var settlements = Open();
        settlements.IsIdle = false;
        settlements.Settle(1, Outcome.Acknowledge);
        settlements.End();
        settlements.Settle(2, Outcome.Acknowledge);
        Assert.Equal(2, _hearer.Heard.Count);
    }

    private Settlements Open() => new(_gate, Capacity, _time, _hearer);

    private sealed class Hearer : ISettlementHearer
    {
        internal List<(long Id, Outcome Outcome)> Heard { get; } = [];
        internal List<SettledNext> Raised { get; } = [];
        public void Hear(long id, Outcome outcome) => Heard.Add((id, outcome));
        SettledNext ISettlementHearer.Heard() => SettledNext.None;
        public void Raise(SettledNext next) => Raised.Add(next);
    }
}
