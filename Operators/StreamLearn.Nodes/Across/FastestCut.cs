using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Chooses the fastest cut; moves only for a gain above <see cref="MinGain"/>.</summary>
public sealed record FastestCut : CutRule
{
    /// <summary>Minimum share of time saved by a move, 0 to 1; default 0.03.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public double MinGain
    {
        get;
        init => field = value is >= 0 and <= 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(MinGain), value, $"expected a share from 0 to 1, got {value}");
    } = 0.03;

    /// <inheritdoc />
    public override int Choose(LayerCosts model, CutView view, int min, int max)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        var (best, least) = (max, double.PositiveInfinity);
        for (var cut = min; cut <= max; cut++)
        {
            if (view.SecondsAt(model, cut) is var seconds && seconds < least) { (best, least) = (cut, seconds); }
        }

        return view.Cut >= min && view.Cut <= max && least >= (1 - MinGain) * view.SecondsAt(model, view.Cut) ? view.Cut : best;
    }
}
