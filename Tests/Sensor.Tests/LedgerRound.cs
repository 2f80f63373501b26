using System.Globalization;

namespace Sensor.Tests;

/// <summary>A round as it stands in the ledger of an aggregator.</summary>
/// <param name="Version">The version that it made.</param>
/// <param name="Strategy">The strategy that is followed from then on; empty: the first one.</param>
/// <param name="Applied">The updates that went into it.</param>
internal sealed record LedgerRound(long Version, string Strategy, List<(string Device, long Base)> Applied)
{
    internal static LedgerRound Read(string entry)
    {
        var lines = entry.Split('\n').Select(static l => l.Split(' ')).ToList();
        return new(Number(lines[0][2]), lines[0].ElementAtOrDefault(3) ?? "",
            [.. lines.Where(static l => l[0] == "applied").Select(static l => (l[1], Number(l[4])))]);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
