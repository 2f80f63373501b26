namespace StreamLearn.Nodes;

internal sealed record FastestCut : CutRule
{
    private const double MinGain = 0.03;

    internal override int Choose(LayerCosts model, CutView view, int min, int max)
    {
        var (best, least) = (max, double.PositiveInfinity);
        for (var cut = min; cut <= max; cut++)
        {
            if (view.SecondsAt(model, cut) is var seconds && seconds < least) { (best, least) = (cut, seconds); }
        }

        return view.Cut >= min && view.Cut <= max && least >= (1 - MinGain) * view.SecondsAt(model, view.Cut) ? view.Cut : best;
    }
}
