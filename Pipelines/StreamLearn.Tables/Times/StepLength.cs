namespace StreamLearn.Tables;

internal static class StepLength
{
    /// <summary>A step above this many usual ones is a gap; no window spans it.</summary>
    public const double GapRows = 3.5;

    private const double MinShare = 0.1;      // minimum share of the steps for a usual length
    private const double MinTotalShare = 0.8;       // minimum share of all usual lengths together

    /// <summary>The median step; if coarse times alternate (2 ms and 3 ms at 400 rows a second), their mean.</summary>
    public static double Usual(IReadOnlyCollection<double> steps)
    {
        var median = steps.Order().ElementAt(steps.Count / 2);
        var usual = steps.CountBy(static s => s)
            .Where(s => s.Value >= MinShare * steps.Count && s.Key >= median / 2 && s.Key <= median * 2).ToList();
        var count = usual.Sum(static s => s.Value);
        return count < MinTotalShare * steps.Count ? median : usual.Sum(static s => s.Key * s.Value) / count;
    }
}
