using System.Globalization;
using System.Text.Json;

namespace Sensor;

internal static class SignificanceShown
{
    /// <summary>Returns text such as <c> sent=31% saved=2.1MB</c>; empty until something is sent.</summary>
    internal static string Text(IReadOnlyCollection<BlockMetrics> kept)
    {
        var (changes, sent, saved) = Of(kept);
        return changes == 0 ? saved == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" saved={1e-6 * saved:0.0}MB")
            : string.Create(CultureInfo.InvariantCulture, $" sent={100.0 * sent / changes:0}% saved={1e-6 * saved:0.0}MB");
    }

    internal static void Write(Utf8JsonWriter json, IReadOnlyCollection<BlockMetrics> kept)
    {
        var (changes, sent, saved) = Of(kept);
        if (changes == 0 && saved == 0) { return; }
        if (changes > 0)
        {
            json.WriteNumber("changes", changes);
            json.WriteNumber("changes_sent", sent);
        }

        json.WriteNumber("update_bytes_saved", saved);
    }

    private static (long Changes, long Sent, long Saved) Of(IReadOnlyCollection<BlockMetrics> kept) => (
        kept.Sum(static b => b.Counter("changes")), kept.Sum(static b => b.Counter("changes-sent")),
        kept.Sum(static b => b.Counter("bytes") - b.Counter("bytes-sent")));
}
