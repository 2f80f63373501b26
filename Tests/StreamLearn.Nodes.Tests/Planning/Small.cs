namespace StreamLearn.Nodes.Tests;

/// <summary>A model of three layers and two devices around a server, with numbers that can be worked by hand.</summary>
internal static class Small
{
    /// <summary>Outputs 1000, 100 and 10 from 500 inputs; 100, 200 and 100 multiply-adds; 10, 20 and 70 parameters.</summary>
    internal static LayerCosts Model { get; } = new(500,
        [new("conv", 1000, 100, 200, 10), new("conv", 100, 200, 400, 20), new("dense", 10, 100, 200, 70)]);

    /// <summary>Ten rows a batch, a byte a value.</summary>
    internal static Objective Objective { get; } = new() { BatchRows = 10, BytesPerValue = 1, BytesPerGradient = 2 };

    /// <summary>Seconds a row up to each layer: .1 .3 .4 forward, twice as much backward.</summary>
    internal static LayerTimes Times { get; } = new([.1, .3, .4], [.2, .6, .8]);

    /// <summary>A slow and a fast device, 20 rows each; 80 kbit/s up, 160 kbit/s down; the server is ten times as fast.</summary>
    internal static ResourceView View { get; } = new(
        [
            new("slow") { Times = Times, Rows = 20, Power = new() { ComputingWatts = 2, SendingWatts = 3, ReceivingWatts = 5 } },
            new("fast") { Times = Times.Times(.01), Rows = 20, Power = new() { ComputingWatts = 2, SendingWatts = 3, ReceivingWatts = 5 } },
            new("edge") { Times = Times.Times(.1) },
        ],
        [new("slow", "edge", 80e3), new("edge", "slow", 160e3), new("fast", "edge", 80e3), new("edge", "fast", 160e3)]);

    /// <summary>The view with another version of a device.</summary>
    internal static ResourceView With(string device, Func<NodeView, NodeView> change) =>
        View with { Nodes = [.. View.Nodes.Select(node => node.Name == device ? change(node) : node)] };

    /// <summary>A fleet by chance: powers, times, rates, and a model of some layers.</summary>
    internal static (LayerCosts Model, ResourceView View) Random(long seed, int devices, int layers)
    {
        var random = new RandomStream(seed, "fleet");
        var model = new LayerCosts(random.NextInt32(2000) + 1,
        [.. Enumerable.Range(0, layers).Select(_ => new LayerCost("layer", random.NextInt32(2000) + 1, 1, 2, random.NextInt32(1000)))]);
        var nodes = Enumerable.Range(0, devices).Select(i => new NodeView($"d{i}")
        {
            Times = Sums(random.NextDouble(.001, .1)),
            Rows = random.NextInt32(50) + 10,
            Power = new()
            {
                ComputingWatts = random.NextDouble(1, 8),
                SendingWatts = random.NextDouble(1, 3),
                ReceivingWatts = random.NextDouble(1, 3),
            },
        }).ToList();
        return (model, new(
            [.. nodes, new("edge") { Times = Sums(.001) }],
            [.. nodes.Select(node => new LinkView(node.Name, "edge", random.NextDouble(1e5, 1e7)))]));

        LayerTimes Sums(double scale)
        {
            var (sum, sums) = (0.0, new List<double>());
            for (var i = 0; i < layers; i++) { sums.Add(sum += random.NextDouble() * scale); }
            return new([.. sums], [.. sums.Select(static s => 2 * s)]);
        }
    }
}
