namespace StreamLearn.Learning.Tests;

/// <summary>Drift detectors: their sums, how soon they find a change, and how seldom they find one where there is none.</summary>
public sealed class DriftStatisticTests
{
    private const int Streams = 20;

    [Fact]
    public void The_window_of_Adwin_holds_the_last_values_with_their_mean()
    {
        var (random, adwin, all) = (new RandomStream(7, "adwin"), new AdaptiveWindow(0.002), new List<double>());
        for (var i = 0; i < 20_000; i++)
        {
            all.Add((random.NextDouble() < (i / 3_000 % 2 == 0 ? 0.1 : 0.5) ? 1 : 0) + (0.01 * random.NextDouble()));
            adwin.Add(all[^1]);
            if (i % 97 != 0) { continue; }
            var window = all.TakeLast((int)adwin.Width).ToList();
            Assert.Equal(window.Average(), adwin.Mean, 1e-9);
            Assert.Equal(window.Sum(v => (v - adwin.Mean) * (v - adwin.Mean)), adwin.Deviation, 1e-6);
        }
    }

    [Fact]
    public void Adwin_finds_an_abrupt_change_within_200_values_and_is_wrong_at_most_twice_in_100_000()
    {
        var (delays, alarms) = (new List<int>(), 0);
        for (var seed = 0; seed < Streams; seed++)
        {
            var (random, adwin) = (new RandomStream(seed, "errors"), new AdaptiveWindow(0.002));
            for (var i = 0; i < 5_000; i++) { alarms += adwin.Add(random.NextDouble() < 0.1 ? 1 : 0) == DriftLevel.Drift ? 1 : 0; }
            delays.Add(DelayOf(adwin, random));
        }
        Assert.InRange(delays.Max(), 1, 200);
        Assert.InRange(alarms, 0, 2);
    }

    [Fact]
    public void A_steady_stream_of_100_000_errors_raises_at_most_two_alarms()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var (random, adwin, alarms) = (new RandomStream(seed, "steady"), new AdaptiveWindow(0.002), 0);
            for (var i = 0; i < 100_000; i++) { alarms += adwin.Add(random.NextDouble() < 0.1 ? 1 : 0) == DriftLevel.Drift ? 1 : 0; }
            Assert.InRange(alarms, 0, 2);
        }
    }

    [Fact]
    public void Page_Hinkley_and_Ddm_find_the_rise_of_an_error_rate()
    {
        for (var seed = 0; seed < Streams; seed++)
        {
            var random = new RandomStream(seed, "rise");
            foreach (var detector in new IDriftStatistic[] { DriftRule.PageHinkley().Create(), DriftRule.Ddm().Create() })
            {
                for (var i = 0; i < 1_000; i++) { detector.Add(random.NextDouble() < 0.1 ? 1 : 0); }
                Assert.InRange(DelayOf(detector, random), 1, 500);
            }
        }
    }

    /// <summary>Values of an error rate of 0.4 until the change is told.</summary>
    private static int DelayOf(IDriftStatistic detector, RandomStream random)
    {
        for (var i = 1; ; i++)
        {
            if (detector.Add(random.NextDouble() < 0.4 ? 1 : 0) == DriftLevel.Drift || i == 10_000) { return i; }
        }
    }

    [Fact]
    public void Ddm_takes_a_start_without_errors_for_no_certainty()
    {
        var detector = DriftRule.Ddm().Create();
        for (var i = 0; i < 200; i++) { Assert.Equal(DriftLevel.Steady, detector.Add(0)); }
        Assert.NotEqual(DriftLevel.Drift, detector.Add(1));
    }

    [Fact]
    public void A_warning_of_Ddm_comes_before_its_change()
    {
        var (random, detector, levels) = (new RandomStream(3, "warning"), DriftRule.Ddm().Create(), new List<DriftLevel>());
        for (var i = 0; i < 2_000; i++) { levels.Add(detector.Add(random.NextDouble() < (i < 1_000 ? 0.1 : 0.3) ? 1 : 0)); }
        Assert.InRange(levels.IndexOf(DriftLevel.Warning), 0, levels.IndexOf(DriftLevel.Drift));
    }

    public static TheoryData<string> Shifts => ["level", "spread", "shape"];
    private static DriftRule[] OfColumns { get; } = [DriftRule.Kswin(), DriftRule.PopulationStability()];

    [Fact]
    public void Rules_of_columns_are_wrong_at_most_twice_in_100_000_steady_rows()
    {
        foreach (var rule in OfColumns)
        {
            for (var seed = 0; seed < 5; seed++)
            {
                var (random, detector, alarms) = (new RandomStream(seed, "steady"), rule.Create(), 0);
                for (var i = 0; i < 100_000; i++) { alarms += detector.Add(random.NextGaussian()) == DriftLevel.Drift ? 1 : 0; }
                Assert.InRange(alarms, 0, 2);
            }
        }
    }

    /// <summary>The mean rises by one deviation; the deviation triples; a normal distribution becomes two values.</summary>
    [Theory, MemberData(nameof(Shifts))]
    public void Rules_of_columns_find_a_change_of(string shift)
    {
        foreach (var rule in OfColumns)
        {
            var (random, detector, found) = (new RandomStream(3, "shift"), rule.Create(), 0);
            for (var i = 0; i < 12_000 && found == 0; i++)
            {
                var steady = random.NextGaussian();
                var value = i < 6_000 ? steady : shift switch
                {
                    "level" => steady + 1,
                    "spread" => 3 * steady,
                    _ => random.NextDouble() < 0.5 ? -1 : 1,
                };
                if (detector.Add(value) == DriftLevel.Drift) { found = i; }
            }

            Assert.InRange(found, 6_000, 7_500);
        }
    }

    [Fact]
    public void Rules_of_columns_go_on_from_their_state()
    {
        foreach (var rule in OfColumns)
        {
            var (random, whole, parted) = (new RandomStream(3, "state"), rule.Create(), rule.Create());
            for (var i = 0; i < 5_000; i++)
            {
                if (i % 77 == 0)
                {
                    var (saved, taken) = (SavedState.Of(parted.State), rule.Create());
                    saved.Into(taken.State);
                    Assert.InRange(saved.Length, 8, rule.StateBytes + 64);
                    parted = taken;
                }
                var value = random.NextGaussian() + (i / 1_500);
                Assert.Equal((whole.Add(value), whole.Mean), (parted.Add(value), parted.Mean));
            }
        }
    }
}
