using System.Globalization;

namespace Sensor;

internal sealed class RowWatch(
    SourceConfig source, IReadOnlyList<string> devices, Func<int, long> rows, Func<int, bool> hasEnded, Action<string> say,
    TimeProvider time)
{
    private readonly bool _isLive = source.IsLive;
    private readonly long _start = time.GetTimestamp();
    private readonly RowSilence[] _devices = [.. devices.Select((_, i) => new RowSilence(rows(i), TimeSpan.Zero))];

    internal long? LastRowSecondsAgo => _devices.Where(static d => d.HasCome).Select(static d => d.Since).ToList() is [_, ..] last
        ? (long)(time.GetElapsedTime(_start) - last.Max()).TotalSeconds : null;

    internal int Silent => _devices.Count(static d => d.IsSilent);

    internal void Look()
    {
        var now = time.GetElapsedTime(_start);
        for (var i = 0; i < _devices.Length; i++)
        {
            var before = _devices[i];
            var after = before.After(rows(i), now);
            _devices[i] = after = after with { IsSilent = after.IsSilent && _isLive && !hasEnded(i) };
            if (after.IsSilent != before.IsSilent && !hasEnded(i)) { say(Text(devices[i], before, after, now)); }
        }
    }

    private static string Text(string device, in RowSilence before, in RowSilence after, TimeSpan now)
    {
        var silence = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor((now - before.Since).TotalSeconds)} s");
        return after.IsSilent ? $"no row from {device} for {silence}; is its sensor running?"
            : $"rows from {device} arrive{(before.HasCome ? " again" : "")}, after {silence} without any";
    }
}
