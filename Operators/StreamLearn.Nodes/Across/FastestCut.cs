namespace StreamLearn.Nodes;

internal sealed record FastestCut : CutRule
{
    private const double MinGain = 0.03;

    internal override CutChoice Choose(LayerCosts model, CutView view, int min, int max)
    {
        var (best, least) = (max, double.PositiveInfinity);
        for (var cut = min; cut <= max; cut++)
        {
            if (view.SecondsAt(model, cut) is var seconds && seconds < least) { (best, least) = (cut, seconds); }
        }

        if (view.Cut >= min && view.Cut <= max && view.SecondsAt(model, view.Cut) is var now && least >= (1 - MinGain) * now)
        {
            (best, least) = (view.Cut, now);
        }

        return new(best, least, view.SecondsAt(model, model.Count));
    }
}
