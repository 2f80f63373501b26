namespace StreamLearn.Learning;

/// <summary>Keeps the share of answers within their bound at what was promised while a stream drifts: each answer that was outside widens
/// the bound, each that was inside narrows it a little.</summary>
/// <remarks>
/// Whatever comes, the share outside over T rows differs from 1 − coverage by less than (1 + rate) / (rate · T). Rows whose label never
/// comes leave the bound as it is. Cost: constant. Source: adaptive conformal inference, Gibbs, Candès (2021), equation 2.
/// </remarks>
public sealed class AdaptiveCoverage
{
    private readonly ConformalScores _scores;

    /// <summary>Begins at what was promised.</summary>
    /// <param name="scores">The scores on groups that nobody learned from.</param>
    /// <param name="coverage">The share of answers within their bound, above 0 and below 1.</param>
    /// <param name="rate">How far an answer outside moves the level, above 0 and below 1; default 0.005.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public AdaptiveCoverage(ConformalScores scores, double coverage, double rate = 0.005)
    {
        ArgumentNullException.ThrowIfNull(scores);
        (_scores, Coverage, Rate, Level) = (scores, Share(coverage, nameof(coverage)), Share(rate, nameof(rate)), coverage);
    }

    private static double Share(double value, string name) => value is > 0 and < 1 ? value
        : throw new ArgumentOutOfRangeException(name, value, "expected above 0 and below 1");

    /// <summary>The share of answers that is to be within their bound.</summary>
    public double Coverage { get; }

    /// <summary>How far an answer outside moves the level.</summary>
    public double Rate { get; }

    /// <summary>The share of the scores that the bound covers now: below 0 nothing but the best answer is within, above 1 everything
    /// is.</summary>
    public double Level { get; private set; }

    /// <summary>The score that an answer within its bound does not exceed; infinite: everything is within.</summary>
    public float Bound => Level > 1 ? float.PositiveInfinity : Level < 0 ? float.NegativeInfinity : _scores.At(Level);

    /// <summary>Takes in what came.</summary>
    /// <param name="isWithin">True if its score was within the bound that was given for it. The most probable class of a set may have a
    /// larger score, and then is outside: else the level of a good model would fall without end.</param>
    public void Observe(bool isWithin) => Level += Rate * (Coverage - (isWithin ? 1 : 0));

    /// <summary>What is kept between rows, in a checkpoint. A level of another promise is not taken up.</summary>
    /// <param name="s">The checkpoint.</param>
    public void State(ref StateStream s)
    {
        var (coverage, level) = (s.Value(Coverage), s.Value(Level));
        if (coverage == Coverage) { Level = level; }
    }
}
