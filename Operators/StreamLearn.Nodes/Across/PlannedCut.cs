namespace StreamLearn.Nodes;

internal sealed record PlannedCut(Planner Planner, Objective? Objective, Simulation.PowerProfile Power) : CutRule
{
    internal override CutChoice Choose(LayerCosts model, CutView view, int min, int max)
    {
        var (resources, objective) = (view.Resources(Power), view.Of(Objective, min));
        var routes = SplitRoutes.Of(model, resources, objective, resources.Nodes[0]);
        if (routes.Splits.Contains(view.Cut)) { resources = resources with { Current = new([routes[view.Cut]]) }; }
        var planned = Planner.Plan(model, resources, objective).RouteOf(CutView.Device)?.Split ?? max;
        var (cut, here) = (Math.Clamp(planned, min, max), routes.Local.Cost);
        var cost = routes[cut].Cost;
        return new(cut, cost.BatchSeconds, here.BatchSeconds) { Joules = cost.BatchJoules, HereJoules = here.BatchJoules };
    }
}
