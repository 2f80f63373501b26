using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Samples;

namespace Partition;

/// <summary>What is the same in all runs of the fleet: rows, devices, network, and how it is trained.</summary>
/// <remarks>The scale of the channels is that of all devices, known from the start. Gradients are not clipped: a norm would be that of one
/// side's layers alone.</remarks>
internal sealed record FleetSetup
{
    /// <summary>Layers that stay on a device: the scale and the first convolution, so that no rows leave it.</summary>
    internal const int MinLayers = 2;

    private const int BatchRows = 16;
    private const string ServerName = "edge";

    internal FleetSetup(FleetRows rows, ImmutableArray<FleetDevice> devices, long seed)
    {
        (Rows, Devices, Seed) = (rows, devices, seed);
        var network = HarNetwork.Create(seed);
        float[] start = [.. network.Initial.Values];
        network.Plan.SetScale(rows.Scale(), start);
        Network = network.StartingFrom(network.Initial with { Values = [.. start] });
        Costs = LayerCosts.Of(Network);
    }

    internal FleetRows Rows { get; }

    internal ImmutableArray<FleetDevice> Devices { get; }

    internal long Seed { get; }

    internal Network Network { get; }

    internal LayerCosts Costs { get; }

    /// <summary>Batches that a device trains in a round; default 8.</summary>
    internal int RoundBatches { get; init; } = 8;

    internal SplitTrainOptions Training => new()
    {
        Optimizer = new Sgd(.05f, ClipNorm: float.PositiveInfinity),
        BatchRows = BatchRows,
        RoundBatches = RoundBatches,
        GradientTimeout = TimeSpan.FromMinutes(10),
    };

    /// <summary>The devices, the server and their links, as planners see them at the start.</summary>
    internal ResourceView View => new(
        [
            .. Devices.Select(device => NodeView.Of(device.Name, device.Profile, Costs) with { Rows = BatchRows * RoundBatches }),
            NodeView.Of(ServerName, FleetDevices.Server, Costs),
        ],
        [
            .. Devices.SelectMany(static device => new[]
            {
                new LinkView(device.Name, ServerName, device.Link.UpBitsPerSecond),
                new LinkView(ServerName, device.Name, device.Link.DownBitsPerSecond),
            }),
        ]);

    /// <summary>What planners look for.</summary>
    internal static Objective Objective(BoundaryForm boundary, double alpha) => new()
    {
        Alpha = alpha,
        BatchRows = BatchRows,
        MinLayers = MinLayers,
        BytesPerValue = boundary.Bytes,
        BytesPerGradient = boundary.Bytes,
    };

    /// <summary>What a planner makes of it.</summary>
    internal FleetPlan Plan(string name, Planner planner, BoundaryForm boundary, double alpha) => new(name, boundary,
        [.. planner.Plan(Costs, View, Objective(boundary, alpha)).Routes.Select(static route => route.Split)]);
}
