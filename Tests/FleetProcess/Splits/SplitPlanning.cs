namespace FleetProcess;

/// <summary>What an edge plans with. It takes devices for what they say, so that nothing is planned by the speed of this machine.</summary>
internal static class SplitPlanning
{
    /// <summary>Each value counts as a hundred: over a link that is played quickly it takes seconds, as on a slow one.</summary>
    private const double BytesPerValue = 400;

    /// <summary>FedAdapt of seconds alone, whose agent has learned in a simulation of two slow devices and a fast one, of whose links one
    /// drops at a time. The edge computes a hundred times faster than a device that takes a millisecond.</summary>
    internal static PlanSplitsOptions Of(SplitSettings settings)
    {
        PlanSplitsOptions options = new()
        {
            Planner = new AresPerDevice(),
            Server = new("planner") { Times = SplitSettings.Times(SplitTopics.Fast) },
            InitialBitsPerSecond = SplitTopics.Usual,
            Objective = new()
            {
                BatchRows = settings.Training.BatchRows,
                Alpha = 1,
                MinLayers = 1,
                BytesPerValue = BytesPerValue,
                BytesPerGradient = BytesPerValue,
            },
        };
        var devices = new[] { SplitTopics.Slow, SplitTopics.Slow, SplitTopics.Fast }.Select(static (slowness, i) =>
            new NodeView($"device-{i}") { Times = SplitSettings.Times(slowness), Rows = 1 }).ToArray();
        var view = new ResourceView(
            [.. devices, options.Server], [.. devices.Select(d => new LinkView(d.Name, options.Server.Name, SplitTopics.Usual))]);
        var training = new FedAdaptTraining
        {
            SlowBitsPerSecond = 1.5 * SplitTopics.Drop,
            DropBitsPerSecond = SplitTopics.Drop,
            Agents = 2,
        };
        return options with { Planner = training.Train(LayerCosts.Of(SplitTopics.Network), view, options.Objective, seed: 6) };
    }
}
