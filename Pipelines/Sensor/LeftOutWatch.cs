namespace Sensor;

/// <summary>Warns when most recent rows of a device are dropped, as after a clock reset, and when this ends.</summary>
internal sealed class LeftOutWatch(Action<string> say)
{
    internal const int LeastRows = 200;

    private readonly Dictionary<string, (long Rows, Dictionary<string, long> LeftOut)> _judged = [];
    private readonly HashSet<string> _bad = [];

    /// <summary>Accepts cumulative counts of rows and drops.</summary>
    internal void Look(IEnumerable<(string Device, long Rows, Dictionary<string, long> LeftOut)> devices)
    {
        List<(string Device, string Reason)> begun = [];
        foreach (var (device, rows, leftOut) in devices)
        {
            var before = _judged.GetValueOrDefault(device, (0, []));
            if (rows - before.Rows < LeastRows) { continue; }
            _judged[device] = (rows, leftOut);
            var lost = leftOut.Select(l => (l.Key, Count: l.Value - before.LeftOut.GetValueOrDefault(l.Key))).ToList();
            if (lost.Sum(static l => l.Count) * 2 >= rows - before.Rows)
            {
                if (_bad.Add(device)) { begun.Add((device, lost.MaxBy(static l => l.Count).Key)); }
            }
            else if (_bad.Remove(device)) { say($"most rows of {device} are good again"); }
        }

        foreach (var of in begun.GroupBy(static b => b.Reason, static b => b.Device))
        {
            var others = of.Count() == 1 ? "" : FormattableString.Invariant($" and of {of.Count() - 1} more");
            say($"at least half of the latest rows of {of.First()}{others} are dropped, most with reason '{of.Key}'{WhyOf(of.Key)}; "
                + "status shows the count");
        }
    }

    private static string WhyOf(string reason) => reason switch
    {
        "backwards" => ": their time is not after that of an earlier row",
        "future" => ": their time is ahead of this machine's clock",
        _ => "",
    };
}
