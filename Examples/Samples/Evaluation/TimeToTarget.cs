namespace StreamLearn.Samples;

/// <summary>Time until a run reaches a target and stays there.</summary>
public static class TimeToTarget
{
    /// <summary>Finds the first of several consecutive evaluations that reach a target.</summary>
    /// <remarks>Source: time-to-accuracy as in Coleman et al. (2017), with several evaluations in a row, to exclude chance.</remarks>
    /// <param name="evaluations">Time and score, in time order.</param>
    /// <param name="target">The target score.</param>
    /// <param name="consecutive">Number of consecutive evaluations, at least 1.</param>
    /// <returns>Time of the first; null: none.</returns>
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
