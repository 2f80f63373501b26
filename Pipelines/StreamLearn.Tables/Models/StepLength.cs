namespace StreamLearn.Tables;

internal static class StepLength
{
    public const double GapRows = RowFilling.GapRows;

    private const double MinShare = 0.1;      // minimum share of the steps for a usual length
    private const double MinTotalShare = 0.8;       // minimum share of all usual lengths together

    private const int MinPauses = 2;
    private const int BurstRows = 8;          // maximum rows that come at once
    private const double MaxSingle = 0.25;    // maximum share of pauses that follow one another

    /// <summary>Returns the mean of about the usual step, or that of rows which come in bursts.</summary>
    public static Pace Of(IReadOnlyList<double> steps)
    {
        var usual = Usual(steps);
        var pauses = steps.Index().Where(s => s.Item > GapRows * usual).ToList();
        if (pauses.Count >= Math.Max(MinPauses, steps.Count / BurstRows)
            && pauses.Zip(pauses.Skip(1)).Count(static p => p.Second.Index == p.First.Index + 1) <= MaxSingle * pauses.Count
            && pauses.Max(static p => p.Item) <= 2 * pauses.Min(static p => p.Item)
            && steps.Skip(pauses[0].Index + 1).Take(pauses[^1].Index - pauses[0].Index).Average() is var mean && mean > 2 * usual)
        {
            return new(mean, pauses.Max(static p => p.Item), false);
        }

        var step = steps.Where(s => Math.Abs(s - usual) <= usual / 2).DefaultIfEmpty(usual).Average();
        return new(step, 0, steps.Where(s => s <= GapRows * step).Average() > (1 + PacedRows.SameRate) * step);
    }

    /// <summary>Returns the median step; if coarse times alternate (2 ms and 3 ms at 400 rows per second), their mean.</summary>
    public static double Usual(IReadOnlyCollection<double> steps)
    {
        var median = steps.Order().ElementAt(steps.Count / 2);
        var usual = steps.CountBy(static s => s)
            .Where(s => s.Value >= MinShare * steps.Count && s.Key >= median / 2 && s.Key <= median * 2).ToList();
        var count = usual.Sum(static s => s.Value);
        return count < MinTotalShare * steps.Count ? median : usual.Sum(static s => s.Key * s.Value) / count;
    }
}

/// <summary>A device's steps between rows. <paramref name="Pause"/>: between bursts; 0: none. <paramref name="LacksRows"/>: more than a
/// tenth is missing, so that windows would span too long.</summary>
internal readonly record struct Pace(double Step, double Pause, bool LacksRows);
