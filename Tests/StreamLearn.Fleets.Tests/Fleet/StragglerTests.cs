namespace StreamLearn.Fleets.Tests;

public sealed class StragglerTests
{
    [Fact]
    public void A_score_is_the_smoothed_time_per_step_over_the_fleets_median()
    {
        using var probe = Updates.Probe(new FedAvg(3));
        Play(probe, 1, ("a", 0, 4, 0), ("b", 0, 4, 0), ("c", 0, 4, 0));         // from the initial model: nobody knows since when
        Assert.Empty(probe.Take<Round>(port: 1).Stragglers);
        Play(probe, 2, ("a", 4, 4, 0), ("b", 8, 4, 0), ("c", 40, 4, 0));        // 1, 2 and 10 s a step
        Assert.Equal([("c", 5.0), ("b", 1.0), ("a", 0.5)], probe.Take<Round>(port: 1).Stragglers.Select(s => (s.Device, s.Score)));
        Play(probe, 3, ("a", 4, 4, 0), ("b", 4, 2, 0), ("c", 20, 10, 0));       // 1, 2 and 2 s: c is at 10 + 0.3·(2 − 10) = 7.6
        Assert.Equal([("c", 3.8), ("b", 1.0), ("a", 0.5)],
            probe.Take<Round>(port: 1).Stragglers.Select(s => (s.Device, Math.Round(s.Score, 9))));
    }

    [Fact]
    public void The_time_of_an_update_begins_with_the_one_before_it_where_that_came_later_than_its_base()
    {
        using var probe = Updates.Probe(new FedBuff(3));
        Play(probe, 1, ("a", 0, 4, 0), ("b", 0, 4, 0), ("c", 0, 4, 0));
        probe.Take<Round>(port: 1);
        probe.Advance(TimeSpan.FromSeconds(8));
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        probe.Advance(TimeSpan.FromSeconds(8));
        probe.Send(Updates.Of("a", 3, 1, baseVersion: 1));      // 8 s too, not 16
        probe.Send(Updates.Of("b", 2, 1, baseVersion: 1));      // 16 s
        Assert.Equal([("b", 1.0), ("a", 0.5)], probe.Take<Round>(port: 1).Stragglers.Select(s => (s.Device, s.Score)));
    }

    [Fact]
    public void The_reason_is_where_a_slow_device_loses_more_against_the_ordinary_one()
    {
        using var probe = Updates.Probe(new FedAvg(7));
        Play(probe, 1, [.. "abcdefg".Select(d => (d.ToString(), 0.0, 4, 0.0))]);
        probe.Take<Round>(port: 1);
        // 4 s of computing and 1 s of the link are ordinary; e does not tell its own time
        Play(probe, 2, ("a", 5, 4, 4), ("b", 5, 4, 4), ("f", 5, 4, 4), ("g", 9, 4, 8), ("c", 41, 4, 40), ("d", 44, 4, 4), ("e", 45, 4, 0));
        Assert.Equal([("e", ""), ("d", "link"), ("c", "computing"), ("g", ""), ("a", ""), ("b", ""), ("f", "")],
            probe.Take<Round>(port: 1).Stragglers.Select(s => (s.Device, s.Reason)));
    }

    [Fact]
    public void A_device_that_waits_longer_for_credit_than_others_is_slow_for_want_of_credit()
    {
        using var probe = Updates.Probe(new FedAvg(5));
        Play(probe, 1, ("a", 0, 4, 0), ("b", 0, 4, 0), ("c", 0, 4, 0), ("d", 0, 4, 0), ("e", 0, 4, 0));
        probe.Take<Round>(port: 1);
        var begin = probe.Now;
        foreach (var (device, seconds, computing, waiting) in
            new[] { ("a", 6, 4, 1), ("b", 6, 4, 1), ("e", 6, 4, 1), ("c", 30, 4, 24), ("d", 31, 26, 3) })
        {
            probe.Advance(begin + TimeSpan.FromSeconds(seconds) - probe.Now);
            probe.Send(Updates.Of(device, 2, 1, baseVersion: 1) with
            {
                RoundTime = TimeSpan.FromSeconds(computing),
                CreditWait = TimeSpan.FromSeconds(waiting),
            });
        }

        Assert.Equal([("d", "computing"), ("c", "credit"), ("a", ""), ("b", ""), ("e", "")],
            probe.Take<Round>(port: 1).Stragglers.Select(s => (s.Device, s.Reason)));
    }

    [Fact]
    public void The_slowest_are_named_and_no_more_than_sixty_four()
    {
        using var probe = Updates.Probe(new FedAvg(100));
        Play(probe, 1, [.. Enumerable.Range(0, 100).Select(d => ($"d{d:00}", 0.0, 4, 0.0))]);
        Play(probe, 2, [.. Enumerable.Range(0, 100).Select(d => ($"d{d:00}", 1.0 + d, 4, 0.0))]);
        var named = probe.TakeAll<Round>(port: 1)[1].Stragglers.Select(s => s.Device).ToList();
        Assert.Equal(Enumerable.Range(36, 64).Reverse().Select(d => $"d{d:00}"), named);
    }

    [Fact]
    public void A_predicted_deadline_follows_the_median_time_of_the_fleet()
    {
        using var probe = Updates.Probe(new FedAvg(3) { DeadlineFactor = 1.5 });
        Play(probe, 1, ("a", 0, 4, 0), ("b", 0, 4, 0), ("c", 0, 4, 0));
        Play(probe, 2, ("a", 4, 4, 0), ("b", 6, 4, 0), ("c", 60, 4, 0));        // no time is known yet: all are waited for
        Assert.Equal(2, probe.TakeAll<Weights>().Count);
        probe.Advance(TimeSpan.FromSeconds(4));
        probe.Send(Updates.Of("a", 3, 1, baseVersion: 2));
        probe.Advance(TimeSpan.FromSeconds(2));
        probe.Send(Updates.Of("b", 3, 1, baseVersion: 2));
        probe.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(0.1));                               // 1.5 · 6 s
        Assert.Equal(1, probe.Count());
        Assert.Equal(1, probe.TakeAll<Round>(port: 1)[2].Missing);
    }

    [Fact]
    public void The_score_is_an_input_of_selection()
    {
        var scores = new List<double>();
        using var probe = Updates.Probe(new FedAvg(3).Rounds with { Select = new Watching(scores) });
        Play(probe, 1, ("a", 0, 4, 0), ("b", 0, 4, 0), ("c", 0, 4, 0));
        Play(probe, 2, ("a", 4, 4, 0), ("b", 8, 4, 0), ("c", 16, 4, 0));
        Assert.Equal([1, 1, 1, 0.5, 1, 2], scores);
    }

    /// <summary>A round in which each device sends its update after so many seconds: steps, and seconds of its own computing.</summary>
    private static void Play(OperatorProbe probe, int round, params (string Device, double Seconds, int Steps, double Computing)[] updates)
    {
        var from = probe.Now;
        foreach (var (device, seconds, steps, computing) in updates.OrderBy(u => u.Seconds))
        {
            probe.Advance(from + TimeSpan.FromSeconds(seconds) - probe.Now);
            probe.Send(Updates.Of(device, round, 1, baseVersion: round - 1) with
            {
                Steps = steps,
                RoundTime = TimeSpan.FromSeconds(computing),
            });
        }
    }

    private sealed record Watching(List<double> Scores) : Cohort
    {
        public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort)
        {
            foreach (var device in fleet.Devices)
            {
                Scores.Add(device.Score);
                cohort.Add(device.Device);
            }
        }
    }
}
