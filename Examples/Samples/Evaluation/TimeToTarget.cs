namespace StreamLearn.Samples;

/// <summary>When a run was good enough, and stayed so.</summary>
public static class TimeToTarget
{
    /// <summary>Finds the first of several consecutive evaluations that all reach a target.</summary>
    /// <remarks>Source: time-to-accuracy as in Coleman et al. (2017), with a run of evaluations so that luck does not count.</remarks>
    /// <param name="evaluations">Time and score, in order of time.</param>
    /// <param name="target">The score to reach.</param>
    /// <param name="consecutive">Evaluations in a row, at least 1.</param>
    /// <returns>The time of the first of them; null if there is none.</returns>
    public static TimeSpan? Of(ReadOnlySpan<(TimeSpan Time, double Score)> evaluations, double target, int consecutive = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(consecutive, 1);
        var reached = 0;
        for (var i = 0; i < evaluations.Length; i++)
        {
            reached = evaluations[i].Score >= target ? reached + 1 : 0;
            if (reached == consecutive) { return evaluations[i - consecutive + 1].Time; }
        }

        return null;
    }
}
