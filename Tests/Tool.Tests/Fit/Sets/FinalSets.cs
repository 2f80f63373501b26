namespace Tool.Tests;

/// <summary>Which sets are opened for the last table alone: half of all, drawn before any was looked at. Nothing is tuned on
/// them.</summary>
/// <remarks>Those that convolutions are compared on are open from the start, and not drawn from.</remarks>
internal static class FinalSets
{
    internal static readonly string[] Compared = ["har", "fsdd", "arem", "bearings", "waves", "sparse"];

    private static readonly string[] Others =
    [
        "mnist", "skab", "occupancy", "electricity",
        "02b-clock-leak", "05-comment-preamble", "06-sep-line-unit-row", "12-stray-1970-stamps", "14-time-spellings", "18-slow-channel",
        "28-sentinels", "37b-short-device",
        "small", "one class each", "two clocks", "noise",
    ];

    internal static IReadOnlyList<string> All { get; } = [.. Compared, .. Others];

    internal static IReadOnlySet<string> Final { get; } = Draw(new RandomStream(2026, "final sets"));

    private static HashSet<string> Draw(RandomStream random)
    {
        var drawn = new HashSet<string>();
        while (drawn.Count < All.Count / 2) { drawn.Add(Others[random.NextInt32(Others.Length)]); }
        return drawn;
    }
}
