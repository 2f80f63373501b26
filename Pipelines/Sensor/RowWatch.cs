using System.Globalization;

namespace Sensor;

/// <summary>Says, of a source whose rows come as they are measured, that they have stopped coming, and that they come again.
/// <paramref name="rows"/>: rows that have come of a device. <paramref name="hasEnded"/>: true when the rows of a device have
/// ended.</summary>
internal sealed class RowWatch(
    SourceConfig source, IReadOnlyList<string> devices, Func<int, long> rows, Func<int, bool> hasEnded, Action<string> say,
    TimeProvider time)
{
    private readonly bool _isLive = source.IsLive;
    private readonly long _start = time.GetTimestamp();
    private readonly RowSilence[] _devices = [.. devices.Select((_, i) => new RowSilence(rows(i), TimeSpan.Zero))];

    /// <summary>Seconds since the last row of any device; null: none has come since the program began.</summary>
    internal long? LastRowSecondsAgo => _devices.Where(static d => d.HasCome).Select(static d => d.Since).ToList() is [_, ..] last
        ? (long)(time.GetElapsedTime(_start) - last.Max()).TotalSeconds : null;

    /// <summary>Devices of which no row has come for long.</summary>
    internal int Silent => _devices.Count(static d => d.IsSilent);

    /// <summary>Looks, and says what has changed.</summary>
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
        return after.IsSilent ? $"no row of {device} has come for {silence}; is its sensor running?"
            : $"rows of {device} come{(before.HasCome ? " again" : "")}, after {silence} without one";
    }
}
