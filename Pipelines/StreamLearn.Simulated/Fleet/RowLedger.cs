using System.Globalization;

namespace StreamLearn.Simulated;

/// <summary>Rows in = rows windowed (once each, despite overlap) + dropped by reason + held.</summary>
internal sealed record RowLedger(long In, long Windowed, SortedDictionary<string, long> Dropped, long Held, long Trained)
{
    /// <summary>Reason for rows that were between blocks when their device was stopped.</summary>
    internal const string Stopped = "stopped";

    internal bool AddsUp => In == Windowed + Dropped.Values.Sum() + Held;

    internal string Text =>
        string.Create(CultureInfo.InvariantCulture,
            $"{In:N0} in = {Windowed:N0} windowed + {Dropped.Values.Sum():N0} dropped{Reasons} + {Held:N0} "
                + $"in open windows and queues{(AddsUp ? "" : $"  DOES NOT ADD UP by {In - Windowed - Dropped.Values.Sum() - Held:N0}")}")
            + (Dropped.GetValueOrDefault(Stopped) > 0 ? $"; {Stopped}: on their way when their device was stopped" : "");

    private string Reasons => Dropped.Count == 0
        ? ""
        : $" ({string.Join(", ", Dropped.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key} {d.Value:N0}")))})";

    /// <summary>Adds the counters of sources, of blocks up to the window, and of their edges.</summary>
    internal static RowLedger Of(IEnumerable<RunMetrics> devices)
    {
        long rowsIn = 0, windowed = 0, held = 0, trained = 0;
        SortedDictionary<string, long> dropped = new(StringComparer.Ordinal);
        foreach (var device in devices)
        {
            rowsIn += RowsMade(device);
            foreach (var block in device.Blocks.Where(b => FleetSettings.IsUpToWindow(b.Block)))
            {
                windowed += block.Counter("rows-windowed");
                held += (long)block.Gauges.GetValueOrDefault("rows-held");
                foreach (var (reason, rows) in block.RowsDropped) { dropped[reason] = dropped.GetValueOrDefault(reason) + rows; }
            }

            held += device.Edges.Where(e => IsBeforeWindow(e.Name)).Sum(e => e.QueuedRows);
            trained += device.Total("rows-trained");
        }

        return new(rowsIn, windowed, dropped, held, trained);
    }

    internal static long Waiting(RunMetrics device)
    {
        var edges = device.Edges;
        return device.Blocks.Where(b => b.RowsOut > 0 && (b.ItemsIn == 0 || IsBeforeWindow($"→{b.Block}")) && b.Block != "window")
            .Sum(b => b.RowsOut - edges.Where(e => e.Name.StartsWith($"{b.Block}→", StringComparison.Ordinal))
                .Sum(e => e.QueuedRows + device[e.Name[(b.Block.Length + 1)..]].RowsIn));
    }

    private static bool IsBeforeWindow(string edge) => FleetSettings.IsUpToWindow(edge[(edge.LastIndexOf('→') + 1)..]);

    internal static long RowsMade(RunMetrics device) => device.Blocks.Where(static b => b.ItemsIn == 0).Sum(static b => b.RowsOut);
}
