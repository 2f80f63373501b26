namespace StreamLearn.Learning;

/// <summary>Keeps the promised coverage of answer bounds under drift: each answer outside the bound widens it, each inside narrows it
/// slightly. Alarms when the bound as it was measured no longer keeps the promise.</summary>
/// <remarks> For any sequence, the share of answers outside over T rows differs from 1 − coverage by less than (1 + rate) / (rate · T).
/// Unlabeled rows are ignored. Cost: constant. Source: adaptive conformal inference, Gibbs, Candès (2021), equation 2. The alarm bets
/// against the promise: from each label on, a share 1/32, 1/8 and 1/2 of a capital is staked on a miss at fair odds. Label t starts bets
/// with 1/(t(t+1)) of the capital. It reaches a hundredfold with a probability of at most 0.01, ever, if no label misses with more than
/// the promised share, given the labels before it. Restarts after an alarm. Source: Ville (1939); Shin, Ramdas, Rinaldo (2023),
/// e-detectors. </remarks>
public sealed class AdaptiveCoverage
{
    private readonly ConformalScores _scores;
    private readonly CoverageAlarm _alarm;

    /// <summary>Starts at the promised coverage.</summary>
    /// <param name="scores">Scores of held-out groups.</param>
    /// <param name="coverage">Share of answers within their bound, above 0 and below 1.</param>
    /// <param name="rate">Step per answer outside, above 0 and below 1; default 0.005.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public AdaptiveCoverage(ConformalScores scores, double coverage, double rate = 0.005)
    {
        ArgumentNullException.ThrowIfNull(scores);
        (_scores, Coverage, Rate, Level) = (scores, Share(coverage, nameof(coverage)), Share(rate, nameof(rate)), coverage);
        _alarm = new(coverage);
    }

    private static double Share(double value, string name) => value is > 0 and < 1 ? value
        : throw new ArgumentOutOfRangeException(name, value, "expected above 0 and below 1");

    /// <summary>Promised share of answers within their bound.</summary>
    public double Coverage { get; }

    /// <summary>Step of the level per answer outside.</summary>
    public double Rate { get; }

    /// <summary>Share of scores that the bound covers; below 0: only the best answer is within, above 1: all are.</summary>
    public double Level { get; private set; }

    /// <summary>Maximum score within the bound; infinite: every score is within.</summary>
    public float Bound => Level > 1 ? float.PositiveInfinity : Level < 0 ? float.NegativeInfinity : _scores.At(Level);

    /// <summary>Adapts to an observed label.</summary>
    /// <param name="score">Its score. The most probable class of a set is outside too if its score is above the bound; otherwise the level
    /// of a good model would fall without end.</param>
    /// <returns>True, if the score was within the bound; true, if there is an alarm.</returns>
    public (bool IsWithin, bool Alarms) Observe(float score)
    {
        var isWithin = score <= Bound;
        Level += Rate * (Coverage - (isWithin ? 1 : 0));
        return (isWithin, _alarm.Observe(score <= _scores.At(Coverage)));
    }

    /// <summary>Saves or restores the level and the capital of the alarm; ignores those of another promise.</summary>
    /// <param name="s">The checkpoint.</param>
    /// <param name="hasAlarm">False for a state from before there was an alarm.</param>
    public void State(ref StateStream s, bool hasAlarm = true)
    {
        var (coverage, level) = (s.Value(Coverage), s.Value(Level));
        if (coverage == Coverage) { Level = level; }
        if (hasAlarm) { _alarm.State(ref s); }
    }
}
