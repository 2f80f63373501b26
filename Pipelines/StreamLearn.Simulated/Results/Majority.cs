using System.Collections.Immutable;

namespace Tool;

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

    /// <summary>Warns that the baseline is within the model's accuracy bounds; null: the model is better.</summary>
    internal string? Beside(double accuracy, long rows) => Share < AloneResult.Wilson(accuracy, rows / 2.0)[0] ? null
        : FormattableString.Invariant($"always answering '{Class}' would be right for {100 * Share:0.0} %: the model is not better ")
            + "within its bounds";
}
