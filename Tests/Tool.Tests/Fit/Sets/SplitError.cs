namespace Tool.Tests;

/// <summary>How far one is below another in the same splits, beyond chance: of few devices, these differ more than models do.</summary>
internal static class SplitError
{
    /// <summary>Mean lead of <paramref name="other"/>, less its standard error over splits.</summary>
    internal static double Below(double[] other, double[] ours) => other.Average() - ours.Average() - Of(other, ours);

    /// <summary>Standard error of the mean lead; 0 of one split.</summary>
    internal static double Of(double[] other, double[] ours)
    {
        double[] leads = [.. other.Zip(ours, static (a, b) => a - b)];
        var mean = leads.Average();
        return Math.Sqrt(leads.Sum(l => (l - mean) * (l - mean)) / Math.Max(1, leads.Length - 1) / leads.Length);
    }
}
