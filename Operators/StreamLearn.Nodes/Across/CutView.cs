namespace StreamLearn.Nodes;

internal sealed record CutView(ImmutableArray<double> DeviceSeconds, double EdgeSecondsPerMultiplyAdd, double SecondsPerByte,
    double RoundTripSeconds, double BytesPerValue, double Rows, int Cut)
{
    internal const string Device = "device", Edge = "edge";

    /// <summary>Returns the seconds per batch without early exits: T = D + V · s + E + the round trip; with all layers on the device, only
    /// its time D. Source: Kang et al. (2017), Neurosurgeon.</summary>
    public double SecondsAt(LayerCosts model, int cut)
    {
        ArgumentNullException.ThrowIfNull(model);
        var device = Rows * DeviceSeconds[cut];
        return cut == model.Count ? device
            : device + (Rows * BytesPerValue * model.ValuesAt(cut) * SecondsPerByte) + RoundTripSeconds
                + (Rows * EdgeSecondsPerMultiplyAdd * model.MultiplyAddsOf(cut, model.Count));
    }

    /// <summary>Returns the device and the edge as a planner sees them.</summary>
    public ResourceView Resources(Simulation.PowerProfile power)
    {
        var (times, pace) = (DeviceSeconds[1..], EdgeSecondsPerMultiplyAdd);
        return new(
            [
                new(Device) { Times = new(times, times), Power = power, Rows = 1 },
                new(Edge) { MultiplyAddsPerSecond = pace > 0 ? 1 / pace : double.PositiveInfinity },
            ],
            [new(Device, Edge, 8 / SecondsPerByte, TimeSpan.FromSeconds(RoundTripSeconds / 2))]);
    }

    /// <summary>Returns an objective for these rows; null: only time.</summary>
    public Objective Of(Objective? objective, int minLayers) => (objective ?? new() { Alpha = 1 }) with
    {
        Work = PlannedWork.Inference,
        BatchRows = Math.Max(1, (int)Math.Round(Rows)),
        BytesPerValue = BytesPerValue,
        MinLayers = minLayers,
    };
}

/// <summary>A cut with its costs per batch, beside those of all layers on the device.</summary>
internal readonly record struct CutChoice(int Cut, double Seconds, double HereSeconds)
{
    /// <summary>The choice of exit thresholds; -1: the rule leaves them as they are.</summary>
    public int Point { get; init; } = -1;

    /// <summary>Modelled from the power draw; 0: none.</summary>
    public double Joules { get; init; }

    public double HereJoules { get; init; }
}
