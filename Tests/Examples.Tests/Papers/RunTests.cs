namespace Examples.Tests;

/// <summary>A fleet, round by round: AT-2i.</summary>
public sealed class RunTests
{
    /// <summary>With the rule of the source, as its demo has it.</summary>
    private static readonly TauFleetSettings Small = new()
    {
        Digits = 2_000,
        UnseenDigits = 500,
        Budget = TimeSpan.FromSeconds(6),
        Timing = TimingModel.Stochastic,
        Settings = new() { Phi = TauModel.Svm.Phi },
    };

    [Fact]
    public void Each_round_says_all_that_viewers_want()
    {
        var rounds = Run(Small);

        Assert.InRange(rounds.Length, 10, 100);
        Assert.All(rounds, static r => Assert.Equal((20, 5), (r.Predictions.Length, r.Classes.Length)));
        var last = rounds[^1];
        Assert.Equal("ended", last.Stage);
        Assert.InRange(last.Used, 5, 7);
        Assert.All([last.Loss, last.Accuracy, last.Rho, last.Beta, last.Delta, last.C, last.B], static v => Assert.True(v > 0));
        Assert.All(rounds, static r => Assert.NotEmpty(r.AggregatorLog));
    }

    [Fact]
    public void Each_line_says_the_share_of_rounds_so_far_that_took_less_than_a_second()
    {
        // about 0.2 s, then above 1.1 s
        var rounds = Run(Small with { Commands = [At(2, DemoCommand.SetDelay(1_000))] });

        Assert.Null(rounds[0].ShareUnderSecond);
        var under = 0;
        for (var r = 1; r < rounds.Length; r++)
        {
            if (Math.Round(rounds[r].Time - rounds[r - 1].Time, 7) < 1) { under++; }
            Assert.Equal((double)under / r, rounds[r].ShareUnderSecond);
        }

        Assert.InRange(rounds[^1].ShareUnderSecond!.Value, 0.3, 0.95);
    }

    [Fact]
    public void The_first_node_and_the_aggregator_tell_of_the_same_versions_and_updates()
    {
        var rounds = Run(Small with { Commands = [At(3, DemoCommand.SetDelay(1))] });

        List<string> aggregator = [.. rounds.SelectMany(static r => r.AggregatorLog).Select(static l => l.Text)];
        List<string> node = [.. rounds.SelectMany(static r => r.NodeLog).Select(static l => l.Text)];
        Assert.Equal(Starting(aggregator, "sent version"), Starting(node, "got version"));
        Assert.Equal(Starting(aggregator, "got update of node-0"), Starting(node, "sent update of node-0"));
        Assert.Equal(5, aggregator.Count(static t => t.StartsWith("got announcement", StringComparison.Ordinal)));
        Assert.All([aggregator, node], static log => Assert.Contains("got set-delay 1", log));
        Assert.Contains(aggregator,
            static t => t.StartsWith("got update of node-4 on version 2: 1 steps, loss 0.", StringComparison.Ordinal));

        static IEnumerable<string> Starting(IEnumerable<string> log, string with) => log
            .Where(t => t.StartsWith(with, StringComparison.Ordinal)).Select(static t => t[t.IndexOf(' ', StringComparison.Ordinal)..]);
    }

    /// <summary>While the nodes make steps: what was measured of the old digits does not count.</summary>
    [Theory]
    [InlineData(DataCase.ByLabel)]
    [InlineData(DataCase.Replicated)]
    public void A_new_case_acts_within_a_round_and_tau_begins_at_one(DataCase next)
    {
        var before = Run(Small with { Commands = [At(1000, DemoCommand.SetCase(next))] });       // the same draws, and no change
        var third = before[before.Length / 3];
        var at = third.Time + before[0].Time + (5 * Small.Timing.Step.TotalSeconds);
        Assert.InRange(third.Tau, 8, 100);

        var rounds = Run(Small with { Commands = [At(at, DemoCommand.SetCase(next))] });

        var first = rounds.First(r => r.Time > at);
        Assert.Equal(third, rounds.Last(r => r.Time <= at), static (a, b) => (a.Time, a.Tau) == (b.Time, b.Tau));
        Assert.Equal((int)next, first.Case);
        Assert.Equal(1, first.Tau);
        Assert.Equal([null, null, null], new[] { first.Rho, first.Beta, first.Delta });
        Assert.Equal(next == DataCase.ByLabel ? 2 : 10, first.Classes[0].Count(static c => c > 0));
        Assert.Equal(next == DataCase.ByLabel ? Small.Digits : 5 * Small.Digits, first.Classes.Sum(static c => c.Sum()));
        Assert.All(rounds.TakeWhile(r => r.Time <= at), static r => Assert.Equal(1, r.Case));
        Assert.All(rounds.Where(r => r.Time > at).Skip(3), static r => Assert.NotNull(r.Delta));
    }

    [Fact]
    public void An_added_delay_acts_within_two_rounds_and_can_be_taken_back()
    {
        var steady = Small with { Timing = TimingModel.Stochastic.Steady, Budget = TimeSpan.FromSeconds(20) };
        var rounds = Run(steady with { Commands = [At(5, DemoCommand.SetDelay(750)), At(12, DemoCommand.SetDelay(0))] });

        var plain = steady.Timing.Aggregation.TotalSeconds;
        Assert.Equal(plain, rounds.Last(static r => r.Time < 5).B, 1e-3);
        Assert.Equal(plain + 0.75, rounds.Where(static r => r.Time > 5).ElementAt(1).B, 1e-3);
        Assert.Equal(750, rounds.First(static r => r.Time > 5).DelayMs);
        Assert.Equal(plain, rounds.Where(static r => r.Time > 12).ElementAt(1).B, 1e-3);
        Assert.Equal(0, rounds[^1].DelayMs);
    }

    [Fact]
    public void A_delay_at_the_start_is_one_too()
    {
        var steady = Small with { Timing = TimingModel.Stochastic.Steady, AddedDelay = TimeSpan.FromMilliseconds(400) };

        Assert.Equal(steady.Timing.Aggregation.TotalSeconds + 0.4, Run(steady)[^1].B, 1e-3);
    }

    [Fact]
    public void Watching_changes_nothing()
    {
        using var fleet = new TauFleet(Small);
        var result = fleet.Run(TestContext.Current.CancellationToken);
        var rounds = Run(Small);

        Assert.Equal(fleet.Steps.Select(static s => (s.At.TotalSeconds, s.Steps)), rounds.Select(static r => (r.Time, r.Tau)));
        Assert.Equal(result.UsedSeconds, rounds[^1].Used);
    }

    [Fact]
    public void Of_commands_of_a_kind_at_one_time_the_last_counts()
    {
        var rounds = Run(Small with
        {
            Commands =
                [At(1, DemoCommand.SetCase(DataCase.ByLabel)), At(1, DemoCommand.SetCase(DataCase.Mixed)), At(1, DemoCommand.SetDelay(7))],
        });

        Assert.Equal(["got set-case 4", "got set-delay 7"], rounds
            .SelectMany(static r => r.NodeLog).Select(static l => l.Text)
            .Where(static t => t.StartsWith("got set", StringComparison.Ordinal)));
    }

    /// <summary>Section 2.8, and AT-2d: the last costs that were measured are trusted.</summary>
    [Fact]
    public void When_versions_take_longer_from_a_third_of_the_run_on_nodes_make_more_steps()
    {
        // as over a server on one machine: an aggregation takes some hundredths of a second, a step less than a thousandth
        var rounds = Run(Small with
        {
            Case = DataCase.ByLabel,
            Budget = TimeSpan.FromSeconds(20),
            Timing = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(0.5),
                TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(10)),
            Commands = [At(6.667, DemoCommand.SetDelay(1_000))],
        });

        var (before, after) = (Learning(0), Learning(1000));
        Assert.InRange(rounds[^1].Used, 18, 1.02 * 20);
        Assert.InRange(before.Length, 10, int.MaxValue);
        Assert.InRange(after.Length, 5, 14);
        Assert.InRange(after.Average(static r => r.Tau), 2 * before.Average(static r => r.Tau), 100);
        Assert.All(after.Skip(1), static r => Assert.InRange(r.B, 1, 1.2));
        Assert.InRange(rounds[^1].Accuracy, 0.9, 1);

        ImmutableArray<RoundReport> Learning(double delay) => [.. rounds.Where(r => r.DelayMs == delay && r.Stage == "learning")];
    }

    private static TimedCommand At(double seconds, DemoCommand command) => new(TimeSpan.FromSeconds(seconds), command);

    private static ImmutableArray<RoundReport> Run(TauFleetSettings settings)
    {
        using var fleet = new WatchedFleet(settings);
        return [.. fleet.Run(TestContext.Current.CancellationToken)];
    }
}
