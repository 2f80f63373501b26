namespace StreamLearn.Learning;

/// <summary>Keeps the promised coverage of answer bounds under drift: each answer outside widens the bound, each inside narrows it
/// slightly.</summary>
/// <remarks> For any sequence, the share outside over T rows differs from 1 − coverage by less than (1 + rate) / (rate · T). Unlabeled rows
/// are ignored. Cost: constant. Source: adaptive conformal inference, Gibbs, Candès (2021), equation 2. </remarks>
public sealed class AdaptiveCoverage
{
    private readonly ConformalScores _scores;

    /// <summary>Starts at the promised coverage.</summary>
    /// <param name="scores">Scores of held-out groups.</param>
    /// <param name="coverage">Share of answers within their bound, above 0 and below 1.</param>
    /// <param name="rate">Step per answer outside, above 0 and below 1; default 0.005.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public AdaptiveCoverage(ConformalScores scores, double coverage, double rate = 0.005)
    {
        ArgumentNullException.ThrowIfNull(scores);
        (_scores, Coverage, Rate, Level) = (scores, Share(coverage, nameof(coverage)), Share(rate, nameof(rate)), coverage);
    }

    private static double Share(double value, string name) => value is > 0 and < 1 ? value
        : throw new ArgumentOutOfRangeException(name, value, "expected above 0 and below 1");

    /// <summary>Promised share of answers within their bound.</summary>
    public double Coverage { get; }

    /// <summary>Step of the level per answer outside.</summary>
    public double Rate { get; }

    /// <summary>Share of scores that the bound covers; below 0: only the best answer is within, above 1: all are.</summary>
    public double Level { get; private set; }

    /// <summary>Maximum score within the bound; infinite: everything is within.</summary>
    public float Bound => Level > 1 ? float.PositiveInfinity : Level < 0 ? float.NegativeInfinity : _scores.At(Level);

    /// <summary>Adapts to an observed label.</summary>
    /// <param name="isWithin">True if its score was within the bound. Also false for a set's most probable class with a larger score;
    /// otherwise a good model's level would fall without end.</param>
    public void Observe(bool isWithin) => Level += Rate * (Coverage - (isWithin ? 1 : 0));

    /// <summary>Saves or restores the level; one of another promise is ignored.</summary>
    /// <param name="s">The checkpoint.</param>
    public void State(ref StateStream s)
    {
        var (coverage, level) = (s.Value(Coverage), s.Value(Level));
        if (coverage == Coverage) { Level = level; }
    }
}
