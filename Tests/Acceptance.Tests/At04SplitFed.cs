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

    /// <summary>The same by a plain loop: each batch, in the order of the answers, learns from the one copy as the one before it has left
    /// it; at the end of a round only the devices' layers are averaged.</summary>
    [Fact]
    public void AT_4o_Version_2_trains_the_one_copy_with_each_batch_in_turn()
    {
        var serving = new ServeSplitOptions { Split = 2, Training = Options, SharesLayers = true };
        var fleet = new SplitFleet(Network, Options, Rounds, 2, 2, 2) { Serving = serving };
        var model = fleet.Run();
        var answers = fleet.Answers.Where(static a => a.Begins is null && float.IsFinite(a.Loss) && a.Sequence > 0).ToArray();
        Assert.Equal(3 * Rounds * Options.RoundBatches, answers.Length);

        float[] expected = [.. Network.Initial.Values];
        var end = Network.Slices(0, 2).Sum(static s => s.Length);
        for (var r = 0; r < Rounds; r++)
        {
            var (server, state) = (expected.ToArray(), new float[expected.Length]);
            (float[] Weights, float[] State, int Done)[] devices =
                [.. Enumerable.Range(0, 3).Select(_ => (expected.ToArray(), new float[expected.Length], 0))];
            foreach (var answer in answers.Skip(r * 3 * Options.RoundBatches).Take(3 * Options.RoundBatches))
            {
                ref var own = ref devices[int.Parse(answer.Device.Split('-')[1], CultureInfo.InvariantCulture)];
                server.AsSpan(end).CopyTo(own.Weights.AsSpan(end));
                state.AsSpan(end).CopyTo(own.State.AsSpan(end));
                var (features, labels) = SplitRows.Windows(
                    Network, Options.BatchRows, Array.IndexOf(devices, own), (r * Options.RoundBatches) + own.Done);
                Network.Step(own.Weights, new(features, labels), Options.Optimizer, own.State, ++own.Done, new float[server.Length], new());
                own.Weights.AsSpan(end).CopyTo(server.AsSpan(end));
                own.State.AsSpan(end).CopyTo(state.AsSpan(end));
            }

            expected = [.. server.Select((value, i) => i >= end ? value : (float)devices.Average(d => (double)d.Weights[i]))];
        }

        Near(expected, model);
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
