namespace StreamLearn.Nodes;

internal sealed record PlannedCut(Planner Planner, Objective? Objective, Simulation.PowerProfile Power) : CutRule
{
    private const string Device = "device", Edge = "edge";

    internal override int Choose(LayerCosts model, CutView view, int min, int max)
    {
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
