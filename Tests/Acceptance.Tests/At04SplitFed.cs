namespace Acceptance.Tests;

/// <summary>Section 4.2: SplitFed, and the rounds that FedAdapt, FedFly and ARES share.</summary>
public sealed class At04SplitFed
{
    private const int Rounds = 4;

    private static readonly Network Network = HarNetwork.Create(seed: 3);
    private static readonly int Layers = Network.Layers.Length;

    private static readonly SplitTrainOptions Options = new()
    {
        MinLayers = 0,
        Optimizer = new Sgd(0.05f, Momentum: 0.9f, ClipNorm: float.PositiveInfinity),
        BatchRows = 8,
        RoundBatches = 5,
        GradientTimeout = TimeSpan.FromSeconds(20),
    };

    [Fact]
    public void AT_4o_Version_1_with_a_split_for_each_device_gives_the_weights_of_federated_averaging()
    {
        var fleet = new SplitFleet(Network, Options, Rounds, 2, 2, 2)
        {
            Plans = [new() { Device = "device-1", Split = 0 }, new() { Device = "device-2", Split = Layers }],
        };

        var model = fleet.Run();

        Near(SplitFleet.ByHand(Network, Options, Rounds, devices: 3), model);
        Assert.Equal(Rounds, fleet.Versions[^1].Version);
        var batches = fleet.Sent.Where(static m => m.Rows > 0).ToLookup(static m => m.Device, static m => m.Split);
        Assert.Equal([2], batches["device-0"].Distinct());
        Assert.Equal([0], batches["device-1"].Distinct());
        Assert.Empty(batches["device-2"]);
    }

    [Fact]
    public void AT_4o_Version_2_with_one_copy_of_the_edges_layers_reaches_the_same_accuracy()
    {
        var (own, shared) = (0.0, 0.0);
        var options = Options with { Optimizer = new Sgd(0.02f, Momentum: 0.9f, ClipNorm: float.PositiveInfinity), RoundBatches = 15 };
        own = Accuracy(new SplitFleet(Network, options, 6, 2, 2, 2).Run());
        var serving = new ServeSplitOptions { Split = 2, Training = options, SharesLayers = true };
        var fleet = new SplitFleet(Network, options, 6, 2, 2, 2) { Serving = serving };
        shared = Accuracy(fleet.Run());

        Assert.Equal(6, fleet.Versions[^1].Version);
        Assert.InRange(own, 0.9, 1);
        Assert.True(shared >= own - 0.01, $"expected at least {own:0.000} - 0.01, got {shared:0.000}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AT_4o_With_one_device_both_are_split_learning(bool shares)
    {
        var serving = new ServeSplitOptions { Split = 3, Training = Options, SharesLayers = shares };
        var fleet = new SplitFleet(Network, Options, Rounds, 3) { Serving = serving };

        var model = fleet.Run();

        Near(SplitFleet.ByHand(Network, Options, Rounds, devices: 1), model);
    }

    [Fact]
    public void Devices_in_turn_each_begin_with_what_the_one_before_has_learned()
    {
        var fleet = new SplitFleet(Network, Options, 2, 3, 3)
        {
            Serving = new() { Split = 3, Training = Options, MaxAtOnce = 1 },
            Strategy = new FedAsync(1, Alpha: 1),
        };

        var model = fleet.Run();

        float[] expected = [.. Network.Initial.Values];
        for (var r = 0; r < 2; r++)
        {
            for (var d = 0; d < 2; d++) { expected = SplitFleet.OneRound(Network, Options, expected, d, r); }
        }

        Near(expected, model);
    }

    [Fact]
    public void Answers_that_are_lost_are_asked_for_again_and_no_batch_counts_twice()
    {
        var fleet = new SplitFleet(Network, Options, Rounds, 2, 4)
        {
            Link = static device => device == 0 ? new() { UpBitsPerSecond = 4e6, DownBitsPerSecond = 4e6 } : new()
            {
                UpBitsPerSecond = 4e6,
                DownBitsPerSecond = 4e6,
                Outages =
                [
                    new(TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(50)), new(TimeSpan.FromSeconds(51), TimeSpan.FromSeconds(90)),
                ],
            },
            Script = static (world, _) => world.At(TimeSpan.FromSeconds(0.2), () =>
            {
                world.Devices[^1].Disconnect();
                world.At(TimeSpan.FromSeconds(5), world.Devices[^1].Connect);
            }),
        };

        Near(SplitFleet.ByHand(Network, Options, Rounds, devices: 2), fleet.Run());
        Assert.True(fleet.Devices[1].Metrics["split-front"].Counters["batches-repeated"] > 0);
    }

    private static double Accuracy(float[] weights)
    {
        const int Rows = 300;
        var (features, labels) = SplitRows.Windows(Network, Rows, device: 99, batch: 0);
        var outputs = new float[Rows * Network.Plan.Classes];
        Network.Infer(weights, new(features, labels), outputs, new());
        var right = 0;
        for (var r = 0; r < Rows; r++)
        {
            var row = outputs.AsSpan(r * Network.Plan.Classes, Network.Plan.Classes);
            right += row.IndexOf(System.Numerics.Tensors.TensorPrimitives.Max(row)) == labels[r] ? 1 : 0;
        }

        return (double)right / Rows;
    }

    internal static void Near(float[] expected, float[] got, double tolerance = 1e-5)
    {
        for (var i = 0; i < expected.Length; i++) { Assert.Equal(expected[i], got[i], tolerance * Math.Max(1, Math.Abs(expected[i]))); }
    }
}
