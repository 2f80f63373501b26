using static StreamLearn.Learning.Tests.TrainUnderCredit;

namespace StreamLearn.Learning.Tests;

/// <summary>Versions and receipts that no aggregator of the fleet has sent.</summary>
public sealed class FalseAggregatorTests
{
    private const long Huge = long.MaxValue - 1;
    private static readonly TrainOptions One = EveryRow with { Credit = new() { Updates = 1 } };
    private static readonly long Ahead = InMilliseconds(TimeSpan.FromHours(23));

    public static TheoryData<long, long> Impossible() => new()
    {
        { Huge, 0 }, { 1, Huge }, { Huge, Huge }, { long.MinValue, 5 }, { -1, 5 }, { 1, -1 }, { InMilliseconds(TimeSpan.FromHours(25)), 0 },
    };

    [Theory, MemberData(nameof(Impossible))]
    public void What_no_aggregator_can_have_made_is_refused(long epoch, long version)
    {
        using var probe = Probe(One);
        probe.Control(Version(0));
        probe.Learn(2);
        probe.Control(Version(version, epoch), Answer(new(epoch, version), Refused(1)));
        probe.Control(Answer(new(1, 1), Held(1), new(long.MaxValue / 4, UpdateOutcome.Held)));
        probe.Control(Answer(new(1, 1), new(long.MaxValue / 4, UpdateOutcome.Held), Held(1)));
        probe.Said();
        probe.Control(Version(2));
        Assert.Equal([(PresenceKind.Holding, new ModelVersion(1, 2))], probe.Said());
        Assert.Contains(probe.Metrics.Drops.Keys, static reason => reason is "implausible-epoch" or "old-epoch");
        Assert.Equal(0, probe.Metrics.Counter("numbers-passed-over"));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_device_follows_who_is_left_once_a_later_aggregator_has_gone(bool isVersion)
    {
        using var probe = Probe(One);
        probe.Control(Version(3));
        object lie = isVersion ? Version(7, Ahead) : Answer(new(Ahead, 7));
        probe.Control(lie);
        probe.Learn(2);
        probe.Said();
        Assert.Equal([1L], probe.Sequences());

        for (var second = 0; second < 29; second++)         // repeated after 2, 6 and 14 s
        {
            probe.Seconds(1);
            probe.Control(Answer(new(1, 4), Held(1)), Version(4));
        }

        Assert.Equal(29, probe.Metrics.Drops["old-epoch"]);
        Assert.All(probe.Said(), static s => Assert.Equal(Ahead, s.Held?.Epoch ?? Ahead));
        probe.Sequences();

        probe.Seconds(2);
        probe.Control(isVersion ? Version(5) : Answer(new(1, 4)));
        Assert.Equal(1, probe.Metrics.Counter("aggregators-forgotten"));
        probe.Control(Version(5));

        Assert.Equal([new(0, 0), new(1, 5)],
            probe.Said().Where(static s => s.Kind == PresenceKind.Holding).Select(static s => s.Held!.Value).Distinct());
        probe.Control(Answer(new(1, 5), Held(1)));
        probe.Learn(2);
        var update = probe.TakeAll<WeightDelta>()[^1];
        Assert.Equal((2, 1, 5), (update.Sequence, update.BaseEpoch, update.BaseVersion));
        Assert.Equal(1, probe.Metrics.Counter("aggregators-forgotten"));
    }

    [Fact]
    public void A_later_aggregator_that_speaks_is_followed_however_long_an_earlier_one_does()
    {
        using var probe = Probe(One);
        probe.Control(Version(7, epoch: 2));
        probe.Learn(2);
        for (var minute = 0; minute < 20; minute++)
        {
            for (var second = 0; second < 60; second++)
            {
                probe.Seconds(1);
                probe.Control(Answer(new(1, 4), Held(1)), Version(4));
                if (probe.TakeAll<WeightDelta>().Count > 0) { probe.Control(Answer(new(2, 7))); }       // it answers late
            }
        }

        Assert.Equal(0, probe.Metrics.Counter("aggregators-forgotten"));
    }

    [Fact]
    public void A_version_that_its_aggregator_does_not_know_is_forgotten_once_an_answer_shows_it()
    {
        using var probe = Probe(EveryRow with { Pace = TrainPace.LockStep, Credit = new() { Updates = 1 } });
        probe.Control(Version(3), Version(1L << 40));
        probe.Learn(2);
        probe.Control(Version(4), Answer(new(1, 4), Refused(1)));
        probe.Said();
        Assert.Equal(1, probe.Metrics.Counter("aggregators-forgotten"));
        probe.Control(Version(5));
        Assert.Equal([(PresenceKind.Holding, new ModelVersion(1, 5))], probe.Said());
        probe.TakeAll<WeightDelta>();
        probe.Learn(2);
        Assert.Equal((1, 5), probe.Take<WeightDelta>() is var u ? (u.BaseEpoch, u.BaseVersion) : default);
    }

    [Fact]
    public void Who_hears_versions_alone_takes_earlier_ones_after_ten_minutes_without_a_newer_one()
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.Infer(Model, p.Input<Weights>("models")).Output("main"));
        probe.Control(Version(Huge, epoch: 1), Version(7, Ahead));
        probe.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        probe.Control(Version(4));
        Assert.Equal((1, 1), (probe.Metrics.Drops["implausible-epoch"], probe.Metrics.Counter("stale-models")));
        probe.Advance(TimeSpan.FromTicks(1));
        probe.Control(Version(5), Version(4));
        Assert.Equal(2, probe.Metrics.Counter("stale-models"));       // of the first and the last: version 5 is held
    }

    private static long InMilliseconds(TimeSpan ahead) => (OperatorProbe.Start + ahead).ToUnixTimeMilliseconds();
}
