namespace Sensor.Tests;

/// <summary><paramref name="Strategy"/>: the strategy that is followed from then on; empty: the first one. <paramref name="Text"/>: all
/// that stands there of it: from an older copy of its state an aggregator writes the same once more.</summary>
internal sealed record LedgerRound(long Epoch, long Version, string Strategy, List<(string Device, long Base)> Applied, string Text)
{
    internal IEnumerable<string> Identities => Text.Split('\n').Where(static l => l.StartsWith("applied", StringComparison.Ordinal))
        .Select(static l => string.Join(' ', l.Split(' ')[1..4]));

    internal static LedgerRound Read(string entry)
    {
        var lines = entry.Split('\n').Select(static l => l.Split(' ')).ToList();
        return new(Number(lines[0][1]), Number(lines[0][2]), lines[0].ElementAtOrDefault(3) ?? "",
            [.. lines.Where(static l => l[0] == "applied").Select(static l => (l[1], Number(l[4])))], entry);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
