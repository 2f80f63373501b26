namespace StreamLearn.Nodes;

internal sealed record ExitCut(ExitSplit Split, Simulation.PowerProfile Power) : CutRule
{
    private const double MinGain = 0.05;

    internal static ExitCut Of(Network network, ExitCurve curve, double loss, TimeSpan? within, Simulation.PowerProfile power)
    {
        var goals = ImmutableArray.CreateBuilder<ExitGoal>();
        goals.Add(new(ExitFigure.Accuracy) { Tolerance = loss });
        if (within is { } most) { goals.Add(new(ExitFigure.Seconds, most.TotalSeconds)); }
        goals.Add(new(power == Simulation.PowerProfile.None ? ExitFigure.Seconds : ExitFigure.Joules) { Tolerance = MinGain });
        return new(new(curve, [.. network.Exits.Select(static exit => exit.After + 1)], goals.ToImmutable()), power);
    }

    internal override CutChoice Choose(LayerCosts model, CutView view, int min, int max)
    {
        var (resources, objective) = (view.Resources(Power), view.Of(null, min));
        var candidates = Split.Candidates(model, resources, objective, CutView.Device);
        // of those that are about as good, the present cut, because estimates are noisy
        var chosen = Split.Kept([.. candidates.Where(c => c.Cut >= min && c.Cut <= max)])
            .OrderBy(c => c.Cut != view.Cut).ThenBy(c => c[Split.Goals[^1].Figure]).First();
        var here = candidates.Single(c => c.Cut == model.Count && c.Point == chosen.Point);
        return new(chosen.Cut, view.Rows * chosen.Seconds, view.Rows * here.Seconds)
        {
            Point = chosen.Point,
            Joules = view.Rows * chosen.Joules,
            HereJoules = view.Rows * here.Joules,
        };
    }
}
