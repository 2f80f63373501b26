namespace Acceptance.Tests;

/// <summary>Section 5.3: answers of a device and an edge together.</summary>
public sealed class At05Across
{
    private const int BatchRows = 8;

    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(200);

    /// <summary>The device has memory for the layers up to the first exit; 20 batches a second over 1 Mbit/s and 20 ms each way.</summary>
    [Fact]
    public void AT_5e_Remote_answers_are_better_an_outage_of_5_s_misses_no_deadline_and_they_return_within_1_s()
    {
        var (features, labels) = AcrossReadings.Draw(25 * 20 * BatchRows, "outage");
        var (network, weights) = (AcrossReadings.Network, AcrossReadings.Trained.Value);
        var world = new AcrossWorld(new(network, features, BatchRows, TimeSpan.FromMilliseconds(50)), weights,
            new() { Within = Deadline, Cut = AcrossReadings.ExitAt, MaxLayers = AcrossReadings.ExitAt })
        {
            Link = new()
            {
                UpBitsPerSecond = 1e6,
                DownBitsPerSecond = 1e6,
                Delay = TimeSpan.FromMilliseconds(20),
                Outages = [new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15))],
            },
        };

        world.Run();

        var (local, full) = (AnswersAt(network, weights, features, 0), AnswersAt(network, weights, features, 1));
        Assert.Equal(Enumerable.Range(0, labels.Length), world.Answers.Select(static a => a.Row).Order());
        Assert.All(world.Answers, a => Assert.True(a.Took <= Deadline, $"{a}"));
        Assert.All(world.Answers, a => Assert.Equal((a.Place == 1 ? full : local)[a.Row], a.Class));
        var before = Between(1, 9.8);
        Assert.All(before, static a => Assert.Equal((1, 1), (a.Place, a.Exit)));
        Assert.All(Between(10, 14.8), static a => Assert.Equal((0, 0), (a.Place, a.Exit)));
        Assert.All(Between(16, 25), static a => Assert.Equal((1, 1), (a.Place, a.Exit)));
        var (remote, here) = (Right(before, a => a.Class), Right(before, a => local[a.Row]));
        var outage = Right(Between(10, 14.8), a => a.Class);
        var back = world.Answers.Where(static a => a is { Place: 1, Sent.TotalSeconds: > 15 }).Min(static a => a.Sent + a.Took);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"before {remote:P2} by the edge, {here:P2} by the exit; in the outage {outage:P2}; edge back {back.TotalSeconds - 15:F3} s "
            + $"after it; slowest answer {world.Answers.Max(static a => a.Took).TotalMilliseconds:F1} ms; "
            + string.Join(", ", world.Metrics.Counters.Select(static c => $"{c.Key} {c.Value}")) + "; late "
            + world.Metrics.Drops.GetValueOrDefault("late"));
        Assert.True(remote >= here + 0.05, $"{remote} and {here}");

        double Right(AnsweredRow[] rows, Func<AnsweredRow, int> answer) => rows.Average(a => answer(a) == labels[a.Row] ? 1.0 : 0);

        AnsweredRow[] Between(double from, double to) =>
            [.. world.Answers.Where(a => a.Sent.TotalSeconds >= from && a.Sent.TotalSeconds < to)];
    }

    /// <summary>A tenth of the bandwidth from second 20 to 40: before, meanwhile and after it the device's cut costs at most 5 % more than
    /// the best of all, by the true rates: of a device whose layers all have one pace, and of one whose first layer takes five times as
    /// long for a multiply-add.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void AT_5e_The_cut_follows_a_tenfold_drop_and_rise_of_the_link_and_no_answer_is_lost(double ofFirstLayer)
    {
        const double UpRate = 8e6, DeviceRate = 5e6, EdgeRate = 1e9, Delay = 0.005;
        var network = Funnel(seed: 3);
        var random = new RandomStream(3, "across-rows");
        var features = new float[300 * BatchRows * 32];
        foreach (ref var value in features.AsSpan()) { value = (float)random.NextGaussian(); }
        ImmutableArray<double> times = [.. network.Layers.Select((_, i) =>         // up to each layer
            (((ofFirstLayer - 1) * network.MultiplyAdds(0, 1)) + network.MultiplyAdds(0, i + 1)) / DeviceRate)];
        var world = new AcrossWorld(new(network, features, BatchRows, TimeSpan.FromMilliseconds(200)),
            network.Initial with { Version = 1 }, new() { Within = TimeSpan.FromMilliseconds(400) })
        {
            Link = new()
            {
                UpBitsPerSecond = UpRate,
                DownBitsPerSecond = UpRate,
                Delay = TimeSpan.FromSeconds(Delay),
                RateTrace = [new(TimeSpan.FromSeconds(20), 0.1), new(TimeSpan.FromSeconds(40), 1)],
            },
            Device = new() { MultiplyAddsPerSecond = DeviceRate, LayerTimes = new(times, times) },
            Edge = new() { MultiplyAddsPerSecond = EdgeRate },
        };

        world.Run();

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", world.Metrics.Counters.Select(static c => $"{c.Key} {c.Value}"))
            + $"; late {world.Metrics.Drops.GetValueOrDefault("late")}");
        Assert.Equal(Enumerable.Range(0, 300 * BatchRows), world.Answers.Select(static a => a.Row).Order());
        var cuts = world.Sent.Where(static s => !s.Request.IsProbe)
            .Select(static s => (At: s.At.TotalSeconds, s.Request.Boundary.Split)).ToArray();
        foreach (var (from, to, rate) in new[] { (5, 20, UpRate), (25, 40, UpRate / 10), (45, 60, UpRate) })
        {
            var used = cuts.Where(c => c.At > from && c.At < to).Select(static c => c.Split).Distinct().ToArray();
            var least = Enumerable.Range(1, network.Layers.Length).Min(c => Seconds(c, rate));
            TestContext.Current.TestOutputHelper?.WriteLine($"from {from} s: cuts {string.Join(", ", used)}, "
                + string.Join(", ", used.Select(c => $"{Seconds(c, rate):F4} s")) + $", the best {least:F4} s");
            Assert.NotEmpty(used);
            Assert.All(used, c => Assert.True(Seconds(c, rate) <= 1.05 * least, $"cut {c} from {from} s: {Seconds(c, rate)}, {least}"));
        }

        Assert.NotEqual(cuts.Last(static c => c.At < 20).Split, cuts.Last(static c => c.At < 40).Split);

        double Seconds(int cut, double rate) => (BatchRows * times[cut - 1])
            + (cut == network.Layers.Length ? 0
                : (8 * 4 * BatchRows * network.Boundaries[cut].Size / rate) + (2 * Delay)
                    + (BatchRows * network.MultiplyAdds(cut, network.Layers.Length) / EdgeRate));
    }

    /// <summary>The whole network takes the device 0.3 s, of which the first layer is 26 ms; the edge answers in 60 ms.</summary>
    [Fact]
    public void A_device_that_is_too_slow_for_the_deadline_waits_for_the_edge_that_is_not()
    {
        var world = Busy(every: 0.5, deviceRate: 2.5e6, delay: 0.005);

        world.Run();

        Assert.All(world.Answers.Where(static a => a.Sent.TotalSeconds > 10),
            static a => Assert.True(a is { Place: 1, Took.TotalSeconds: < 0.2 }, $"{a}"));
    }

    /// <summary>The device computes for 65 of 100 ms, and a round trip takes 120 ms, more than it waits for a probe; or it computes for
    /// 132 of them, and a round trip takes no time.</summary>
    [Theory]
    [InlineData(11.5e6, 0.06)]
    [InlineData(5.7e6, 0.001)]
    public void A_device_that_cannot_time_its_edge_waits_for_a_tenth_of_its_time_at_most(double deviceRate, double delay)
    {
        var world = Busy(every: 0.1, deviceRate, delay);

        world.Run();

        Assert.Equal(world.Answers.Count, world.Answers.Select(static a => a.Row).Distinct().Count());
        Assert.All(world.Answers.Where(static a => a.Sent.TotalSeconds > 15),
            static a => Assert.True(a.Took < TimeSpan.FromSeconds(0.5), $"{a}"));
    }

    /// <summary>The link takes 330 ms for the values after the first layer, and no exit is before the cut.</summary>
    [Fact]
    public void A_device_whose_edge_cannot_be_in_time_runs_the_other_layers_in_time()
    {
        var world = Busy(every: 1, deviceRate: 5.7e6, delay: 0.001, rate: 0.2e6, cut: 1);

        world.Run();

        Assert.All(world.Answers.Where(static a => a.Sent.TotalSeconds > 5), static a => Assert.True(a.Took <= Deadline, $"{a}"));
    }

    private static AcrossWorld Busy(double every, double deviceRate, double delay, double rate = 8e6, int? cut = null)
    {
        var (network, random) = (Funnel(seed: 3), new RandomStream(3, "busy-rows"));
        var features = new float[(int)(30 / every) * BatchRows * 32];
        foreach (ref var value in features.AsSpan()) { value = (float)random.NextGaussian(); }
        return new(new(network, features, BatchRows, TimeSpan.FromSeconds(every)), network.Initial with { Version = 1 },
            new() { Within = Deadline, Cut = cut })
        {
            Link = new() { UpBitsPerSecond = rate, DownBitsPerSecond = rate, Delay = TimeSpan.FromSeconds(delay) },
            Device = new() { MultiplyAddsPerSecond = deviceRate },
        };
    }

    /// <summary>A nats-server is killed and started again 2 s later (5 s in the long form), while 20 batches come a second.</summary>
    [Fact]
    public async Task AT_5e_While_a_real_server_is_killed_every_row_is_answered_and_the_edge_answers_again_after_it()
    {
        var away = LongForm.IsAsked ? 5 : 2;
        var (features, labels) = AcrossReadings.Draw(4000, "server");
        var (network, weights) = (AcrossReadings.Network, AcrossReadings.Trained.Value);
        await using var fleet = await AcrossServer.StartAsync(new(network, features, BatchRows, TimeSpan.FromMilliseconds(50)), weights,
            new() { Within = Deadline, Cut = AcrossReadings.ExitAt, MaxLayers = AcrossReadings.ExitAt });
        await fleet.SendUntilAsync(() => fleet.Answers.Count(static a => a.Place == 1) >= 10 * BatchRows);

        await fleet.Server.KillAsync();
        var (killed, before) = (fleet.Seconds, fleet.Rows);
        await fleet.SendUntilAsync(() => fleet.Seconds > killed + away);
        var (started, during) = (fleet.Seconds, fleet.Rows);
        await fleet.Server.StartAgainAsync();
        await fleet.SendUntilAsync(() => fleet.Answers.Any(a => a.Place == 1 && a.Row > during));
        await fleet.EndAsync();

        var (local, full) = (AnswersAt(network, weights, features, 0), AnswersAt(network, weights, features, 1));
        Assert.Equal(Enumerable.Range(0, fleet.Rows), fleet.Answers.Select(static a => a.Row).Order());
        Assert.All(fleet.Answers, a => Assert.Equal((a.Place == 1 ? full : local)[a.Row % labels.Length], a.Class));
        Assert.All(fleet.Answers.Where(a => a.Row >= before && a.Row < during), static a => Assert.Equal(0, a.Place));
        TestContext.Current.TestOutputHelper?.WriteLine($"{fleet.Rows} rows; away {started - killed:F1} s; edge back "
            + $"{fleet.Answers.Where(a => a.Place == 1 && a.Row > during).Min(static a => a.Sent).TotalSeconds - started:F2} s after it; "
            + $"slowest answer {fleet.Answers.Max(static a => a.Took).TotalMilliseconds:F0} ms, "
            + $"late {fleet.Answers.Count(static a => a.Took > Deadline + TimeSpan.FromMilliseconds(20))}");
    }

    /// <summary>Over a real server: a device twenty times slower than this machine, and a link that is played, of 20 Mbit/s and then of a
    /// tenth of it. The first layer is cheap to compute and expensive to send. Every fixed cut is timed beside it.</summary>
    [LongFact]
    public async Task AT_5e_Over_a_played_link_the_fastest_cut_moves_with_a_tenfold_drop_and_no_answer_is_lost()
    {
        const int Batches = 40;
        await using (var warm = await StartSlowAsync(new() { Cut = 1 }, slowdown: 1))         // code is compiled once, and not slowly
        {
            await warm.SendUntilAsync(() => warm.Answers.Count(static a => a.Place == 1) >= 100 * SlowRows);
            await warm.EndAsync();
        }

        await using var fleet = await StartSlowAsync(new() { Within = TimeSpan.FromSeconds(2) });
        await fleet.SendUntilAsync(() => fleet.Metrics.Gauges.GetValueOrDefault("cut") is 1 or 2);
        var (moved, first) = (fleet.Seconds, fleet.Rows);
        await fleet.SendUntilAsync(() => fleet.Rows >= first + (Batches * SlowRows));
        fleet.TakeLink(1);
        var (dropped, last) = (fleet.Seconds, fleet.Rows);
        await fleet.SendUntilAsync(() => fleet.Metrics.Gauges["cut"] >= 7);
        var (movedBack, second) = (fleet.Seconds - dropped, fleet.Rows);
        await fleet.SendUntilAsync(() => fleet.Rows >= second + (Batches * SlowRows));
        await fleet.EndAsync();

        var output = TestContext.Current.TestOutputHelper;
        output?.WriteLine($"cut 1 or 2 after {moved:F1} s, a later one {movedBack:F1} s after the drop; {fleet.Rows} rows, "
            + string.Join(", ", fleet.Metrics.Counters.Select(static c => $"{c.Key} {c.Value}")));
        Assert.Equal(Enumerable.Range(0, fleet.Rows), fleet.Answers.Select(static a => a.Row).Order());
        for (var link = 0; link < 2; link++)
        {
            var (from, to, least) = (link == 0 ? first : second, link == 0 ? last : fleet.Rows, double.PositiveInfinity);
            var own = Median(fleet.Answers.Where(a => a.Row >= from && a.Row < to));
            for (var cut = 1; cut <= Wide.Layers.Length; cut++)
            {
                await using var other = await StartSlowAsync(new() { Within = TimeSpan.FromSeconds(2), Cut = cut });
                other.TakeLink(link);
                await other.SendUntilAsync(() => other.Rows >= (Batches + 10) * SlowRows);
                await other.EndAsync();
                var seconds = Median(other.Answers.Where(static a => a.Row >= 10 * SlowRows));
                output?.WriteLine($"{Rates[link] / 1e6:F0} Mbit/s, cut {cut}: {seconds * 1e3:F1} ms");
                least = Math.Min(least, seconds);
            }

            output?.WriteLine($"{Rates[link] / 1e6:F0} Mbit/s, the device's own: {own * 1e3:F1} ms, {(own / least) - 1:P1} above the best");
            Assert.InRange(own, 0, 1.05 * least);
        }
    }

    private const int SlowRows = 64;

    private static readonly Network Wide = new(new(32), 4,
        [
            new Dense(256), new Relu(), new Dense(1024), new Relu(), new Dense(1024), new Relu(), new Dense(8), new Relu(),
            new Dense(256), new Relu(),
        ],
        [new(9, new Dense(4))], seed: 3);

    private static readonly double[] Rates = [20e6, 2e6];

    private static Task<AcrossServer> StartSlowAsync(AcrossOptions options, double slowdown = 20)
    {
        var features = new float[1000 * 32];
        foreach (ref var value in features.AsSpan()) { value = 0.5f; }
        return AcrossServer.StartAsync(new(Wide, features, SlowRows, TimeSpan.FromMilliseconds(300)), Wide.Initial with { Version = 1 },
            options, slowdown, [.. Rates.Select(static r => new LinkProfile { UpBitsPerSecond = r, DownBitsPerSecond = r })]);
    }

    private static double Median(IEnumerable<AnsweredRow> answers) =>
        answers.Select(static a => a.Took.TotalSeconds).Order().ToArray() is { Length: > 0 } times ? times[times.Length / 2] : double.NaN;

    private static Network Funnel(long seed) => new(new(32), 4,
        [
            new Dense(256), new Relu(), new Dense(64), new Relu(), new Dense(8), new Relu(), new Dense(256), new Relu(),
            new Dense(256), new Relu(),
        ],
        [new(9, new Dense(4))], seed: seed);

    private static int[] AnswersAt(Network network, Weights weights, float[] features, int exit)
    {
        var rows = features.Length / network.Plan.Input.Size;
        var (classes, logits) = (network.Plan.Outputs, new float[network.ExitCount * rows * network.Plan.Outputs]);
        network.Logits(weights.Values.AsSpan(), new(features, rows), logits, new());
        return [.. Enumerable.Range(0, rows).Select(r => ModelPlan.ClassOf(logits.AsSpan(((exit * rows) + r) * classes, classes)))];
    }
}
