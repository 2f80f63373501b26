namespace StreamLearn.Fleets.Tests;

/// <summary>Adaptive tau as a strategy of the round engine: what devices are told, the version in use, and the end.</summary>
public sealed class AdaptiveTauTests
{
    private static readonly TauSettings OfTheSource = new() { Phi = 0.025 };
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    /// <summary>As in the hand-computed case: c = .013, b = .1316.</summary>
    private static Resource Work(double limit) => new("work", limit) { CountsLongest = true, Step = 0.013, Aggregation = 0.1316 };

    [Fact]
    public void Steps_follow_from_what_devices_measure_and_at_most_tenfold_from_round_to_round()
    {
        using var fleet = new Fleet(new AdaptiveTau(2) { Budget = [Work(15)], Settings = OfTheSource });
        Assert.Equal([1, 1, 10, 28], [fleet.Announce(), fleet.Round(1), fleet.Round(0.9f, Bend), fleet.Round(0.8f, Bend)]);
        Assert.All(fleet.Versions, static v => Assert.Equal(
            (true, TrainPace.LockStep), (v.Directives[0].Estimates!.Value, v.Directives[0].Pace)));
    }

    [Fact]
    public void The_version_with_the_least_loss_is_in_use_and_devices_are_told_which()
    {
        using var fleet = new Fleet(new AdaptiveTau(2) { Budget = [Work(15)], Settings = OfTheSource });
        fleet.Announce();
        fleet.Round(1);
        fleet.Round(0.5f, best: 0.9f);
        fleet.Round(0.7f, best: 0.6f);
        Assert.Equal([null, 1, 2, 2], fleet.Versions.Select(static v => v.Directives[0].Best?.Version));
        Assert.Equal(fleet.Versions[1].Values, fleet.Rounds[^1].Averaged.Values);
        Assert.Equal((4, 4), (fleet.Rounds[^1].Version, fleet.Rounds[^1].Made.Version));
        Assert.Equal((0.7f, 0.6f), ((float)fleet.Gauge("loss"), (float)fleet.Gauge("least-loss")));
    }

    [Fact]
    public void The_budget_is_kept_the_last_version_is_evaluated_and_then_nothing_is_taken()
    {
        using var fleet = new Fleet(new AdaptiveTau(2) { Budget = [Work(1)], Settings = OfTheSource });
        var steps = new[] { fleet.Announce(), fleet.Round(1), fleet.Round(0.9f, Bend), fleet.Round(0.8f, Bend), fleet.Round(0.7f, Bend) };
        Assert.Equal([1, 1, 10, 13, 1], steps);     // the last but one learns for the last time, the last one evaluates
        Assert.Equal(2, fleet.Gauge("stage"));
        Assert.False(fleet.Rounds[^1].IsLast);
        fleet.Round(0.6f, Bend);
        Assert.True(fleet.Rounds[^1].IsLast);
        Assert.Equal([], fleet.Versions[^1].Invited!.Value);        // so that devices do not wait for another one
        Assert.Equal(fleet.Versions[^2].Values, fleet.Rounds[^1].Averaged.Values);      // the one with the least loss
        Assert.Equal(fleet.Rounds[^1].Averaged.Values, fleet.Versions[^1].Values);
        Assert.All(fleet.Versions.SkipLast(1), static v => Assert.Null(v.Invited));
        Assert.InRange(fleet.Gauge("used-work"), 0.95, 1);
        Assert.Equal(5, fleet.Versions[^1].Directives[0].Best?.Version);
        var versions = fleet.Versions.Count;
        fleet.Send(0.5f, null, Bend);
        Assert.Equal((versions, 2), (fleet.Versions.Count, fleet.Drops("ended")));
    }

    [Fact]
    public void Of_two_resources_the_scarce_one_decides()
    {
        var (bytes, scarce) = (Steps(new("bytes", 1_000_000)), Steps(new("bytes", 9_000)));
        Assert.Equal(28, bytes);
        Assert.InRange(scarce, 29, 100);

        static int Steps(Resource second)
        {
            using var fleet = new Fleet(new AdaptiveTau(2) { Budget = [Work(15), second], Settings = OfTheSource });
            fleet.Announce();
            fleet.Round(1);
            fleet.Round(1, Bend);
            return fleet.Round(1, Bend);
        }
    }

    /// <summary>Of one device in three the estimates say little of the fleet; the steps stay until half of them tell of theirs.</summary>
    [Fact]
    public void Steps_are_chosen_by_what_at_least_half_of_the_devices_show()
    {
        using var fleet = new Fleet(new AdaptiveTau(5) { Budget = [Work(15)], Settings = OfTheSource }, "c", "d", "e");
        fleet.Announce();
        Assert.Equal([1, 1], [fleet.Round(1), fleet.Round(1, Bend)]);
        using var two = new Fleet(new AdaptiveTau(4) { Budget = [Work(15)], Settings = OfTheSource }, "c", "d");
        two.Announce();
        Assert.Equal([1, 10], [two.Round(1), two.Round(1, Bend)]);
    }

    [Fact]
    public void What_was_refused_counts_in_a_budget_of_bytes()
    {
        static double Used(bool isRefused)
        {
            using var fleet = new Fleet(new AdaptiveTau(2) { Budget = [Work(15), Resource.Bytes(1_000_000)], Settings = OfTheSource });
            fleet.Announce();
            fleet.Round(1, isRefused: isRefused);
            return fleet.Gauge("used-bytes");
        }
        Assert.Equal(87, Used(true) - Used(false));      // the message
    }

    [Theory, InlineData(6, null), InlineData(5, 5)]
    public void Devices_of_a_large_model_are_asked_for_fewer_values_of_the_gradient(int values, int? asked)
    {
        using var fleet = new Fleet(new AdaptiveTau(2) { Budget = [Work(15)], Settings = OfTheSource with { GradientValues = values } });
        fleet.Announce();
        Assert.Equal(asked, fleet.Versions[^1].Directives[0].GradientValues);
        Assert.Equal(1, fleet.Round(1));
        Assert.Equal(asked is null ? 10 : 1, fleet.Round(1, Bend));     // what comes in another length is not compared
    }

    [Fact]
    public void A_round_without_updates_is_followed_by_one_step()
    {
        using var fleet = new Fleet(new AdaptiveTau(2) { Budget = [Work(15)], Settings = OfTheSource });
        fleet.Announce();
        fleet.Round(1);
        Assert.Equal(10, fleet.Round(1, Bend));
        Assert.Equal(1, fleet.Round(float.NaN, Bend, values: float.NaN));
    }

    [Fact]
    public void Where_the_data_of_the_devices_change_it_begins_with_one_step_and_what_was_best_counts_no_more()
    {
        using var fleet = new Fleet(new AdaptiveTau(2) { Budget = [Work(15)], Settings = OfTheSource });
        fleet.Announce();
        fleet.Round(1);
        fleet.Round(0.5f, Bend);
        fleet.Alarm(DriftLevel.Warning);
        Assert.Equal(28, fleet.Round(0.9f, Bend, best: 0.5f));
        fleet.Alarm(DriftLevel.Drift);
        Assert.Equal(1, fleet.Round(0.4f, Bend));       // what it shows is of the data before
        Assert.Null(fleet.Versions[^1].Directives[0].Best);
        Assert.Equal(0.013, fleet.Gauge("c-work"), 1e-12);
        Assert.Equal(10, fleet.Round(0.9f, Bend));
        Assert.Equal(5, fleet.Versions[^1].Directives[0].Best?.Version);
        Assert.Equal(0.9f, (float)fleet.Gauge("least-loss"));
    }

    private static Curvature Bend => new(1, 1);

    /// <summary>Two devices, whose gradients lie at a distance of 1 from their mean, others that do not say how their loss bends, and an
    /// aggregator.</summary>
    private sealed class Fleet : IDisposable
    {
        private readonly OperatorProbe _probe;
        private readonly string[] _silent;
        private long _sequence;

        internal Fleet(AdaptiveTau strategy, params string[] silent)
        {
            _silent = silent;
            _probe = OperatorProbe.From<WeightDelta>(
                (p, flow) => OperatorProbe.Use(flow.Aggregate(Model, strategy).ControlledBy(p.Input<DriftAlarm>("alarms"))));
        }

        internal List<Weights> Versions { get; } = [];
        internal List<Round> Rounds { get; } = [];
        public void Dispose() => _probe.Dispose();
        internal double Gauge(string name) => _probe.Metrics.Gauges[name];
        internal long Drops(string reason) => _probe.Metrics.Drops[reason];

        internal void Alarm(DriftLevel level) =>
            _probe.Control(new DriftAlarm { Device = "edge", Block = "drift", Level = level, Row = 1, Mean = 0 });

        /// <summary>Both say that they have data.</summary>
        /// <returns>The steps of the next round.</returns>
        internal int Announce()
        {
            _sequence++;
            foreach (var device in (string[])["a", "b", .. _silent])
            {
                _probe.Send(Update(device, 0) with { Moments = new(2, [1], [1]), Steps = 0, Samples = 0, Values = [0, 0, 0, 0, 0, 0] });
            }
            return Took();
        }

        /// <summary>Both learn from the newest version.</summary>
        /// <returns>The steps of the next round.</returns>
        internal int Round(float loss, Curvature? bend = null, float? best = null, float values = 0.1f, bool isRefused = false)
        {
            if (isRefused)
            {
                _sequence++;
                var (version, epoch) = Versions[^1].Id is var id ? (id.Version, id.Epoch) : default;
                _probe.Send(Update("a", values) with { BaseVersion = version, BaseEpoch = epoch, Steps = 1, Samples = 0 });
                Assert.Equal(1, Drops("no-samples"));
            }
            Send(loss, best, bend, values);
            return Took();
        }

        internal void Send(float loss, float? best, Curvature? bend, float values = 0.1f)
        {
            _sequence++;
            var @base = Versions[^1];
            foreach (var (device, gradient) in ((string, float)[])[("a", 1f), ("b", -1f), .. _silent.Select(static s => (s, 0f))])
            {
                _probe.Send(Update(device, values) with
                {
                    BaseVersion = @base.Version,
                    BaseEpoch = @base.Epoch,
                    Steps = @base.Directives[0].StepsPerUpdate!.Value,
                    Estimate = new()
                    {
                        Rows = 10,
                        Loss = loss,
                        BestLoss = best,
                        Curvature = gradient == 0 ? null : bend,
                        Gradient = [0, 0, gradient, 0, 0, 0],
                    },
                });
            }

            Take();
        }

        private int Took()
        {
            Take();
            return Versions[^1].Directives[0].StepsPerUpdate!.Value;
        }

        private void Take()
        {
            Versions.AddRange(_probe.TakeAll<Weights>());
            Rounds.AddRange(_probe.TakeAll<Round>(1));
        }

        private WeightDelta Update(string device, float value) => new()
        {
            Device = device,
            Epoch = 1,
            Sequence = _sequence,
            BaseVersion = 0,
            Samples = 16,
            SchemaHash = Model.Plan.SchemaHash,
            Values = [0, 0, value, value, value, value],
        };
    }
}
