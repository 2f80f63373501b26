namespace Tool.Tests;

/// <summary>What makes a result doubtful, and what does not: each bound from both sides.</summary>
public sealed class DoubtsTests
{
    private const int Fleet = 40;

    /// <summary>40 devices with 2 updates under way each, 10 to a version: 8 versions behind in the mean, at most.</summary>
    private static readonly RunFacts Sound = new()
    {
        Mode = "async",
        Devices = [.. Enumerable.Range(0, Fleet).Select(d => Device(d))],
        UpdatesUnderWay = 2,
        UpdatesPerVersion = 10,
        Versions = 400,
        Staleness = [.. Enumerable.Repeat(4L, 90), .. Enumerable.Repeat(8L, 10)],
        UpdatesRefused = new(StringComparer.Ordinal),
    };

    [Fact]
    public void A_sound_run_raises_no_doubt() => Assert.Empty(Doubts.Of(Sound));

    [Fact]
    public void A_run_without_any_update_raises_none_of_staleness() => Assert.Empty(Doubts.Of(Sound with { Staleness = [] }));

    [Fact]
    public void The_run_whose_half_of_updates_was_263_versions_behind_is_doubted()
    {
        var run = Sound with { Versions = 748, Staleness = Spread(263, 498) };

        var doubt = Assert.Single(Doubts.Of(run));

        Assert.Equal(("async", "staleness"), (doubt.Mode, doubt.Kind));
        Assert.Equal("updates were 263 versions behind in the median and 498 at the 95th percentile, of 748 versions: while 40 devices "
            + "have 2 updates under way each, 8 are the most that the mean can be", doubt.Text);
    }

    [Theory]
    [InlineData(Fleet, 20, 40, null)]
    [InlineData(Fleet, 21, 40, "staleness")]
    [InlineData(Fleet, 20, 41, "staleness")]
    [InlineData(4, 20, 20, null)]
    [InlineData(4, 20, 21, "staleness")]
    [InlineData(4, 21, 21, "staleness")]
    [InlineData(100, 40, 100, null)]
    [InlineData(100, 41, 100, "staleness")]
    [InlineData(100, 40, 101, "staleness")]
    public void Staleness_is_doubted_where_credit_cannot_explain_it(int devices, long half, long most, string? kind) =>
        AssertKind(kind, Sound with { Devices = [.. Enumerable.Range(0, devices).Select(d => Device(d))], Staleness = Spread(half, most) });

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(1, 0, "1 update lost by an aggregator that restarted")]
    [InlineData(0, 2, "2 updates without an answer when the device ended")]
    [InlineData(3, 1, "3 updates lost by an aggregator that restarted, 1 update without an answer when the device ended")]
    public void Any_update_that_is_lost_is_a_doubt(long lost, long unknown, string? text)
    {
        var doubts = Doubts.Of(Sound with { Devices = [Device(0) with { UpdatesLost = lost, UpdatesUnknown = unknown }, Device(1)] });

        Assert.Equal(text is null ? [] : new[] { new Doubt("async", "losses", text) }, doubts);
    }

    [Theory]
    [InlineData("norm", 400, null)]
    [InlineData("norm", 401, "refusals")]
    [InlineData("void-round", 401, "refusals")]
    [InlineData("duplicate", 4000, null)]
    [InlineData("late-round", 4000, null)]
    [InlineData("rolled-back", 4000, null)]
    public void More_than_a_tenth_of_updates_refused_is_a_doubt_unless_that_is_in_order(string reason, long updates, string? kind) =>
        AssertKind(kind, Sound with { UpdatesRefused = new(StringComparer.Ordinal) { [reason] = updates } });

    [Fact]
    public void Refusals_are_told_with_their_reasons_the_most_frequent_first()
    {
        var run = Sound with { UpdatesRefused = new(StringComparer.Ordinal) { ["late-round"] = 9, ["norm"] = 100, ["stale"] = 1234 } };

        Assert.Equal("1,334 of 4,000 updates were refused (stale 1,234, norm 100)", Assert.Single(Doubts.Of(run)).Text);
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(9, 0, "unanswered")]
    [InlineData(9, 1, null)]
    public void A_device_whose_updates_are_never_answered_is_a_doubt(long sent, long answered, string? kind) =>
        AssertKind(kind, Sound with
        {
            Devices = [.. Sound.Devices.Skip(1), Device(0) with { UpdatesSent = sent, UpdatesAnswered = answered }],
        });

    [Theory]
    [InlineData(true, 1600, null)]
    [InlineData(true, 1601, "missing")]
    [InlineData(false, 1601, null)]
    public void A_barrier_that_did_not_wait_for_a_tenth_of_the_reports_is_a_doubt(bool isBarrier, long missing, string? kind) =>
        AssertKind(kind, Sound with { IsBarrier = isBarrier, DevicesMissing = missing });

    [Fact]
    public void Rows_that_do_not_add_up_are_a_doubt() => AssertKind("rows", Sound with { LedgerAddsUp = false });

    [Fact]
    public void All_doubts_are_told_with_their_run()
    {
        var run = Sound with
        {
            Mode = "barrier",
            LedgerAddsUp = false,
            Staleness = [500],
            UpdatesRefused = new(StringComparer.Ordinal) { ["norm"] = 4000 },
        };

        var told = Doubts.Of(run).Select(d => (d.Mode, d.Kind));
        Assert.Equal([("barrier", "rows"), ("barrier", "staleness"), ("barrier", "refusals")], told);
    }

    [Fact]
    public void While_devices_keep_pace_the_mean_staleness_is_within_its_bound_however_fast_each_is()
    {
        var random = new RandomStream(11, "pace");
        for (var fleet = 0; fleet < 50; fleet++)
        {
            var (devices, credit, perVersion) = (2 + random.NextInt32(60), 1 + random.NextInt32(4), 1 + random.NextInt32(12));
            var run = Sound with
            {
                Devices = [.. Enumerable.Range(0, devices).Select(d => Device(d))],
                UpdatesUnderWay = credit,
                UpdatesPerVersion = perVersion,
            };

            Assert.True(MeanOf(random, devices, credit, perVersion) <= Doubts.MeanStalenessAllowed(run), $"fleet {fleet}");
        }
    }

    /// <summary>The mean staleness of a fleet whose devices take 1 to 50 times as long for an update, and always have all their credit
    /// under way: each begins an update as soon as the one before has arrived.</summary>
    private static double MeanOf(RandomStream random, int devices, int credit, int perVersion)
    {
        var queue = new PriorityQueue<(long Base, double Time), double>();
        for (var i = 0; i < devices * credit; i++)
        {
            var time = Math.Exp(random.NextDouble() * Math.Log(50));
            queue.Enqueue((0, time), time * random.NextDouble());
        }

        var (sum, updates) = (0L, 0L);
        for (; updates < 4000L * perVersion && queue.TryDequeue(out var item, out var now); updates++)
        {
            var version = updates / perVersion;
            sum += version - item.Base;
            queue.Enqueue(((updates + 1) / perVersion, item.Time), now + item.Time);
        }

        return (double)sum / updates;
    }

    private static void AssertKind(string? kind, RunFacts run) =>
        Assert.Equal(kind is null ? [] : [kind], Doubts.Of(run).Select(d => d.Kind));

    /// <summary>100 updates: half of them are so stale, the others more.</summary>
    private static List<long> Spread(long half, long most) => [.. Enumerable.Repeat(half, 90), .. Enumerable.Repeat(most, 10)];

    private static DeviceFacts Device(int number) => new($"user-{number + 1:000}", 4000 / Fleet, 4000 / Fleet, 0, 0);
}
