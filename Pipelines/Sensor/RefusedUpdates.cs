using System.Globalization;

namespace Sensor;

internal static class RefusedUpdates
{
    private const string Prefix = "updates-refused-";

    /// <summary>The device itself reports this refusal.</summary>
    private const string OneClass = "no-samples";

    /// <summary>Returns the reasons, most frequent first, if every answer was a refusal; null otherwise, or if one-class rows are the only
    /// cause.</summary>
    internal static string? TextOf(long answered, IEnumerable<KeyValuePair<string, long>> counters)
    {
        var reasons = ByReason(counters).ToList();
        var refused = reasons.Sum(static r => r.Count);
        if (refused == 0 || refused < answered || reasons is [(OneClass, _)]) { return null; }
        return string.Create(CultureInfo.InvariantCulture, $"the aggregator refused all {refused} updates that it answered: ")
            + string.Join(", ", reasons.Select(static r => string.Create(CultureInfo.InvariantCulture, $"{r.Count} as '{r.Reason}'")))
            + "; nothing of this run is in the model";
    }

    internal static IEnumerable<(string Reason, long Count)> ByReason(IEnumerable<KeyValuePair<string, long>> counters) =>
        counters.Where(static c => c.Key.StartsWith(Prefix, StringComparison.Ordinal) && c.Value > 0)
            .GroupBy(static c => PrintableText.Of(c.Key[Prefix.Length..]), static c => c.Value)
            .Select(static g => (Reason: g.Key, Count: g.Sum()))
            .OrderByDescending(static r => r.Count).ThenBy(static r => r.Reason, StringComparer.Ordinal);
}
