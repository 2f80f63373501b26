using StreamLearn.Compression;

namespace Papers;

internal sealed record FleetDevice(string Name, string Kind, DeviceProfile Profile, LinkProfile Link);

/// <summary>The devices of the fleet, kind by kind: a Pi 3, a device 1.9 times as fast, and a Jetson Nano in two modes.</summary>
internal static class FleetDevices
{
    /// <summary>Kinds in the order of tables. A third of the devices are of the first kind, a third of the second, the rest of the last
    /// two.</summary>
    internal static ImmutableArray<FleetDevice> Kinds { get; } =
    [
        Of("pi3", DeviceProfile.Pi3, LinkProfile.PiWifi), Of("pi3 1.9x", TestBed.Pi4, LinkProfile.PiWifi),
        Of("nano", DeviceProfile.NanoMaxn, LinkProfile.NanoWifi), Of("nano 5 W", DeviceProfile.Nano5w, LinkProfile.NanoWifi),
    ];

    /// <summary>The edge server, which has such a core for each device.</summary>
    internal static DeviceProfile Server { get; } = Rated(DeviceProfile.EdgeServer);

    internal static ImmutableArray<FleetDevice> Of(int count, LinkProfile? link = null) =>
    [
        .. from i in Enumerable.Range(0, count)
           let kind = i % 3 == 2 ? Kinds[2 + (i / 3 % 2)] : Kinds[i % 3]
           select kind with { Name = Invariant($"device-{i:00}"), Link = link ?? kind.Link },
    ];

    private static FleetDevice Of(string kind, DeviceProfile profile, LinkProfile link) => new(kind, kind, Rated(profile), link);

    /// <summary>The measured times are for VGG-5's seven layers. This network also has seven; their work is proportional to
    /// multiply-adds.</summary>
    private static DeviceProfile Rated(DeviceProfile profile) => profile with { LayerTimes = null };
}

internal sealed record BoundaryForm(string Name, int Bytes, ICodec<Activations> Forward, ICodec<BoundaryGradients> Back)
{
    /// <summary>Tensors as float32: weights have the same bits with every split.</summary>
    internal static BoundaryForm Float32 { get; } = new("float32", 4, LearningCodecs.Activations, LearningCodecs.BoundaryGradients);
    internal static BoundaryForm EightBit { get; } =
        new("8 bit", 1, CompressionCodecs.Activations8, CompressionCodecs.BoundaryGradients8);
}

internal sealed record FleetPlan(string Name, BoundaryForm Boundary, ImmutableArray<int> Splits)
{
    /// <summary>The key is the same for two plans that train in the same way: if all layers stay, no value crosses a boundary.</summary>
    internal string Key(int layers) => Splits.All(split => split == layers) ? "local" : $"{Boundary.Name} {string.Join(' ', Splits)}";
}

/// <summary>What all runs of the fleet share: rows, devices, network, and how it is trained.</summary>
/// <remarks>The scale of the channels is computed over all devices and known from the start. Gradients are not clipped, since a norm would
/// include only the layers of one side.</remarks>
internal sealed record FleetSetup
{
    /// <summary>Minimum number of layers on a device: the scale and the first convolution, so that rows never leave it.</summary>
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
    internal int RoundBatches { get; init; } = 8;

    internal SplitTrainOptions Training => new()
    {
        Optimizer = new Sgd(.05f, ClipNorm: float.PositiveInfinity),
        BatchRows = BatchRows,
        RoundBatches = RoundBatches,
        GradientTimeout = TimeSpan.FromMinutes(10),
    };

    internal ResourceView View => new(
        [
            .. Devices.Select(device => NodeView.Of(device.Name, device.Profile, Costs) with { Rows = BatchRows * RoundBatches }),
            NodeView.Of(ServerName, FleetDevices.Server, Costs),
        ],
        [
            .. Devices.SelectMany(static device => new LinkView[]
            {
                new(device.Name, ServerName, device.Link.UpBitsPerSecond), new(ServerName, device.Name, device.Link.DownBitsPerSecond),
            }),
        ]);

    internal static Objective Objective(BoundaryForm boundary, double alpha) => new()
    {
        Alpha = alpha,
        BatchRows = BatchRows,
        MinLayers = MinLayers,
        BytesPerValue = boundary.Bytes,
        BytesPerGradient = boundary.Bytes,
    };

    internal FleetPlan Plan(string name, Planner planner, BoundaryForm boundary, double alpha) => new(name, boundary,
        [.. planner.Plan(Costs, View, Objective(boundary, alpha)).Routes.Select(static route => route.Split)]);
}
