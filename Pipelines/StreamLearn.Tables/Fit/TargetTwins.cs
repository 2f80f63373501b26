namespace StreamLearn.Tables;

/// <summary>Finds channels that correlate so closely with the target that they may derive from it.</summary>
internal static class TargetTwins
{
    private const double Closest = 0.995;       // correlation over all rows, either sign

    internal static IEnumerable<string> Lines(OwnRows rows)
    {
        if (rows.Columns is not { Target.Source: var target, Said.Ahead: null }) { yield break; }
        foreach (var (c, channel) in rows.Columns.Channels.Index())
        {
            if (Correlation(rows, c) is var r && Math.Abs(r) < Closest) { continue; }
            yield return FormattableString.Invariant($"'{channel.Source}' goes with '{target}' almost exactly (correlation {r:0.000}): if ")
                + $"it is computed from it, drop it with --ignore {OwnColumns.Quoted(channel.Source)}";
        }
    }

    private static double Correlation(OwnRows rows, int channel)
    {
        var width = rows.Columns.Channels.Length;
        var (n, x, y, xx, yy, xy) = (0, 0.0, 0.0, 0.0, 0.0, 0.0);       // means, and sums of products of deviations
        foreach (var device in rows.Devices)
        {
            for (var row = 0; row < device.Labels.Length; row++)
            {
                var (a, b) = ((double)device.Values[(row * width) + channel], device.Targets[row]);
                if (device.Labels[row] < 0 || !double.IsFinite(a)) { continue; }
                var (da, db) = (a - x, b - y);
                (x, y) = (x + (da / ++n), y + (db / n));
                (xx, yy, xy) = (xx + (da * (a - x)), yy + (db * (b - y)), xy + (da * (b - y)));
            }
        }

        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : 0;
    }
}
