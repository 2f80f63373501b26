using System.Collections.Immutable;

namespace Tool;

/// <summary>The class that most windows have, and their share: what a model has to be better than.</summary>
internal readonly record struct Majority(string Class, double Share)
{
    /// <summary>That of windows of which so many have each class; the first of equals.</summary>
    internal static Majority Of(ImmutableArray<string> classes, ImmutableArray<long> windows)
    {
        var most = windows.IndexOf(windows.Max());
        return new(classes[most], windows[most] / (double)Math.Max(1, windows.Sum()));
    }

    /// <summary>That of windows with labels.</summary>
    internal static Majority OfLabels(ImmutableArray<string> classes, int[] labels)
    {
        var windows = new long[classes.Length];
        foreach (var label in labels) { windows[label]++; }
        return Of(classes, [.. windows]);
    }

    /// <summary>What is said if always answering the class is as good as a model, within the bounds of its accuracy; null: the model is
    /// better.</summary>
    internal string? Beside(double accuracy, long rows) => Share < AloneResult.Wilson(accuracy, rows / 2.0)[0] ? null
        : FormattableString.Invariant($"always answering '{Class}' would be right for {100 * Share:0.0} %: the model is not better ")
            + "within its bounds";
}
