using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>Sections 4.4 to 4.6: plans that a fleet follows, judged by the time, the energy and the weights that the virtual world
/// gives.</summary>
public sealed class At04Virtual
{
    private static readonly Network Har = HarNetwork.Create(seed: 3);
    private static readonly int Layers = Har.Layers.Length;

    private static readonly SplitTrainOptions Training = new()
    {
        Optimizer = new Sgd(0.05f, Momentum: 0.9f, ClipNorm: float.PositiveInfinity),
        BatchRows = 8,
        RoundBatches = 5,
        GradientTimeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>The Pi as published, on the network of the library, whose last two dense layers are one part.</summary>
    private static readonly DeviceProfile Pi = DeviceProfile.Pi3 with { LayerTimes = DeviceProfile.Pi3.LayerTimes!.Without(5) };

    [Fact]
    public void AT_4j_A_Pi_that_follows_the_plan_takes_half_the_time_and_well_under_half_the_energy_of_federated_learning()
    {
        var network = ReferenceModels.Vgg5(seed: 1);
        var view = new ResourceView(
            [NodeView.Of("pi", Pi, LayerCosts.Of(network)) with { Rows = 100 }, NodeView.Of("edge", Edge, LayerCosts.Of(network))],
            [new("pi", "edge", LinkProfile.PiWifi.UpBitsPerSecond)]);
        var plan = new AresPerDevice().Plan(LayerCosts.Of(network), view, new() { BytesPerValue = 1, BytesPerGradient = 1 });
        var split = plan.RouteOf("pi")!.Split;

        var (time, joules) = Batch(network, split);
        var (localTime, localJoules) = Batch(network, network.Layers.Length);

        Assert.Equal(2, split);         // after pool 1
        Assert.Equal(3.943, localTime, 0.005);
        Assert.Equal(14.98, localJoules, 0.02);
        Assert.InRange((time / localTime) - 1, -0.55, -0.45);
        Assert.InRange((joules / localJoules) - 1, -0.65, -0.55);
        Assert.Equal(plan.RouteOf("pi")!.Cost.BatchSeconds, time, 0.01 * time);
        Assert.Equal(plan.RouteOf("pi")!.Cost.BatchJoules, joules, 0.01 * joules);
    }

    [Fact]
    public void AT_4m_Weights_under_the_joint_plan_are_those_of_a_fixed_split()
    {
        var costs = LayerCosts.Of(Har);
        var view = new ResourceView(
            [Slow("device-0", 1e8), Slow("device-1", 2e7), Slow("device-2", 1e9), new("edge") { MultiplyAddsPerSecond = 1e10 }],
            [.. Enumerable.Range(0, 3).Select(d => new LinkView($"device-{d}", "edge", 20e6))]);
        var plan = new AresJoint().Plan(costs, view, new() { BatchRows = 8, Alpha = 1 });
        var plans = plan.Routes.Select(static r => new SplitPlan { Device = r.Device, Split = r.Split }).ToArray();

        var planned = new SplitFleet(Har, Training, 4, 2, 2, 2) { Plans = plans }.Run();
        var fixedSplit = new SplitFleet(Har, Training, 4, 2, 2, 2).Run();

        Assert.True(plans.Select(static p => p.Split).Distinct().Count() > 1, plan.ToString());
        At04SplitFed.Near(fixedSplit, planned);
        At04SplitFed.Near(SplitFleet.ByHand(Har, Training, 4, devices: 3), planned);

        static NodeView Slow(string name, double rate) => new(name) { MultiplyAddsPerSecond = rate, Rows = 40 };
    }

    [Fact]
    public void AT_4c_Weights_of_a_fleet_whose_splits_move_every_round_are_those_of_federated_averaging()
    {
        var random = new RandomStream(5, "moves");
        SplitPlan[] plans = [.. Enumerable.Range(0, 30).Select(i => new SplitPlan
        {
            Device = $"device-{i % 3}",
            Split = random.NextInt32(Layers + 1),       // 0 is dropped: a device keeps a layer
            FromSequence = i / 3,
        })];

        var fleet = new SplitFleet(Har, Training, 6, 2, 2, 2) { Plans = plans };

        At04SplitFed.Near(SplitFleet.ByHand(Har, Training, 6, devices: 3), fleet.Run());
        Assert.True(fleet.Answers.Where(static a => a.Begins is not null).GroupBy(static a => a.Device)
            .All(static a => a.Select(static b => b.Split).Distinct().Count() > 2));
    }

    [Fact]
    public void AT_4b_A_plan_follows_the_links_that_are_probed_and_returns_with_them()
    {
        var times = new LayerTimes(
            [.. Enumerable.Range(1, Layers).Select(static i => 0.01 * i)], [.. Enumerable.Range(1, Layers).Select(static i => 0.02 * i)]);
        var fleet = new SplitFleet(Har, Training with { RoundBatches = 3 }, 14, Layers, Layers)
        {
            Profile = device => new() { LayerTimes = device == 0 ? times : times.Times(0.1) },
            Resources = device => new() { Times = device == 0 ? times : times.Times(0.1), ComputingWatts = 3 },
            EdgeProfile = new() { LayerTimes = times.Times(0.01), Cores = 2 },
            Planning = new()
            {
                Planner = new AresJoint(),
                Server = new("edge") { Times = times.Times(0.01) },
                Objective = new() { BatchRows = 8, Alpha = 1, MinLayers = 1 },
            },
            Link = static device => new()
            {
                UpBitsPerSecond = 50e6,
                DownBitsPerSecond = 50e6,
                RateTrace = device == 0
                    ? [new(TimeSpan.FromSeconds(12), 0.002), new(TimeSpan.FromSeconds(30), 1)] : [],
            },
        };

        fleet.Run();

        var at = fleet.Planned.Where(static p => p.Of("device-0") is not null)
            .Select(static p => (Time: (p.At - SplitFleet.Start).TotalSeconds, p.Of("device-0")!.Split)).ToArray();
        var text = string.Join(", ", at);
        Assert.True(at.Last(static p => p.Time < 12).Split < Layers, text);
        Assert.Contains(at, static p => p.Time is > 12 and < 30 && p.Split == Layers);
        Assert.True(at.Last().Split < Layers, text);
    }

    /// <summary>Seconds and joules of a batch of 100, by the virtual world: what a second batch adds.</summary>
    private static (double Seconds, double Joules) Batch(Network network, int split)
    {
        var (one, two) = (Fleet(1), Fleet(2));
        one.Run();
        two.Run();
        var time = two.Sent.Single(static m => m.Round is { Batches: 2 }).Round!.TimePerBatch;      // of a batch that stays here: none
        return ((time > TimeSpan.Zero ? time : two.Devices[0].Busy - one.Devices[0].Busy).TotalSeconds,
            two.Devices[0].Joules - one.Devices[0].Joules);

        SplitFleet Fleet(int batches) => new(network, Training with { BatchRows = 100, RoundBatches = batches }, 1, split)
        {
            Profile = static _ => Pi,
            EdgeProfile = Edge,
            Link = static _ => LinkProfile.PiWifi,
            Forward = CompressionCodecs.Activations8,
            Back = CompressionCodecs.BoundaryGradients8,
        };
    }

    private static DeviceProfile Edge => DeviceProfile.EdgeServer with { LayerTimes = DeviceProfile.EdgeServer.LayerTimes!.Without(5) };
}
