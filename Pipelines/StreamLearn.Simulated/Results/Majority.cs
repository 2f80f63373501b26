using System.Collections.Immutable;
using System.Globalization;

namespace StreamLearn.Simulated;

/// <summary>Answers that need no model: the most frequent class, or the current one.</summary>
internal readonly record struct Majority(string Class, double Share)
{
    internal static Majority Of(ImmutableArray<string> classes, ImmutableArray<long> windows)
    {
        var most = windows.IndexOf(windows.Max());
        return new(classes[most], windows[most] / (double)Math.Max(1, windows.Sum()));
    }

    internal static Majority OfLabels(ImmutableArray<string> classes, int[] labels)
    {
        var windows = new long[classes.Length];
        foreach (var label in labels) { windows[label]++; }
        return Of(classes, [.. windows]);
    }

    /// <summary>Returns a warning if the baseline is within the model's accuracy bounds; null if the model is better.</summary>
    internal string? Beside(double accuracy, long rows) => Share < Wilson(accuracy, rows / 2.0)[0] ? null
        : FormattableString.Invariant($"always answering '{Class}' would be correct for {100 * Share:0.0} %: the model is not better ")
            + "within its bounds";

    internal static string OfNow(double? accuracy) =>
        accuracy is { } now ? string.Create(CultureInfo.InvariantCulture, $"; the current class would be correct for {now:0.000}") : "";

    /// <summary>Warns if the current class predicts equally well; null if the model is better or there is no forecast.</summary>
    internal static string? BesideNow(double accuracy, double? accuracyOfNow) => accuracyOfNow >= accuracy
        ? "the current class predicts the later one as well as the answers: the forecast does not help" : null;

    /// <summary>Returns the 95 % bounds of a share; windows that overlap by half count half. Source: Wilson (1927).</summary>
    internal static ImmutableArray<double> Wilson(double share, double count)
    {
        const double Deviations = 1.959964;
        if (count < 1) { return [0, 1]; }
        var z = Deviations * Deviations / count;
        var middle = (share + (z / 2)) / (1 + z);
        var half = Deviations / (1 + z) * Math.Sqrt((share * (1 - share) / count) + (z / count / 4));
        return [Math.Max(0, middle - half), Math.Min(1, middle + half)];
    }
}
