namespace StreamLearn.Tables;

/// <summary>Finds channels that correlate so closely with the target that they may derive from it.</summary>
internal static class TargetTwins
{
    private const double Closest = 0.995;       // correlation over all rows, either sign
    private const double Rest = 0.1;            // of a forecast, of the variance that the value of now leaves

    internal static IEnumerable<string> Lines(OwnRows rows)
    {
        if (rows.Columns is not { Target.Source: var target }) { yield break; }
        var (channels, ahead) = (rows.Columns.Channels, rows.Columns.Said.Ahead);
        var now = ahead is null ? -1 : channels.Select(static c => c.Source).ToList().IndexOf(target);
        var closest = now < 0 ? Closest : Math.Max(Closest, Math.Sqrt(1 - (Rest * (1 - Math.Pow(Correlation(rows, now), 2)))));
        foreach (var (c, channel) in channels.Index())
        {
            var r = Correlation(rows, c);
            if (c == now || Math.Abs(r) < closest) { continue; }
            yield return $"'{channel.Source}' goes with {(ahead is null ? "" : "the later ")}'{target}' almost exactly "
                + FormattableString.Invariant($"(correlation {r:0.000}): if it is computed from it, drop it with ")
                + $"--ignore {OwnColumns.Quoted(channel.Source)}";
        }
    }

    /// <summary>Channels whose value alone gives the class.</summary>
    internal static IEnumerable<string> OfClasses(OwnRows rows)
    {
        if (rows.Columns is not { Target: null, Said.Ahead: null, LabelIsPart: false, Channels: var channels }) { yield break; }
        foreach (var (c, channel) in channels.Index())
        {
            var values = new SecondLabels();
            foreach (var device in rows.Devices)
            {
                for (var row = 0; row < device.Labels.Length; row++)
                {
                    if (device.Labels[row] >= 0) { values.Add(device.Labels[row], device.Values[(row * channels.Length) + c]); }
                }
            }

            if (!values.TellsClass) { continue; }
            yield return $"'{channel.Source}' alone tells the class of each row: if it is computed from the label, drop it "
                + $"with --ignore {OwnColumns.Quoted(channel.Source)}";
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
