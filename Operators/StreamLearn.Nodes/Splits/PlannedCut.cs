using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>A planner's cut for inference shared by a device and an edge.</summary>
/// <param name="Planner">Makes the plan.</param>
/// <param name="Objective">The objective; null (default): time alone. Work, batch rows, bytes per value and minimum layers are the
/// device's.</param>
public sealed record PlannedCut(Planner Planner, Objective? Objective = null) : CutRule
{
    private const string Device = "device", Edge = "edge";

    /// <summary>The device's power draw; default none, so energy is ignored.</summary>
    public Simulation.PowerProfile Power { get; init; } = Simulation.PowerProfile.None;

    /// <inheritdoc />
    public override int Choose(LayerCosts model, CutView view, int min, int max)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        var times = view.DeviceSeconds[1..];
        var plan = Planner.Plan(model,
            new(
                [
                    new(Device) { Times = new(times, times), Power = Power, Rows = 1 },
                    new(Edge) { MultiplyAddsPerSecond = Rate(view.EdgeSecondsPerMultiplyAdd) },
                ],
                [new(Device, Edge, 8 / view.SecondsPerByte, TimeSpan.FromSeconds(view.RoundTripSeconds / 2))]),
            (Objective ?? new() { Alpha = 1 }) with
            {
                Work = PlannedWork.Inference,
                BatchRows = Math.Max(1, (int)Math.Round(view.Rows)),
                BytesPerValue = view.BytesPerValue,
                MinLayers = min,
            });
        return Math.Clamp(plan.RouteOf(Device)?.Split ?? max, min, max);

        static double Rate(double seconds) => seconds > 0 ? 1 / seconds : double.PositiveInfinity;
    }
}
