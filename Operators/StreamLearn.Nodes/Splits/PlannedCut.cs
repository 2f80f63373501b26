using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>The cut of a device that answers together with an edge, by a planner of splits.</summary>
/// <param name="Planner">Makes the plan, for inference.</param>
/// <param name="Objective">What to look for; null, the default: time alone. Work, rows of a batch, bytes of a value and the least layers
/// are those of the device.</param>
public sealed record PlannedCut(Planner Planner, Objective? Objective = null) : CutRule
{
    private const string Device = "device", Edge = "edge";

    /// <summary>What the device draws; default nothing, so that energy does not count.</summary>
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
