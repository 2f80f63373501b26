using System.Globalization;

namespace Aggregator;

/// <summary><paramref name="Leader"/>: null if unknown. <paramref name="Remade"/>: how often the server lost the leadership
/// record.</summary>
internal sealed record LeadStatus(bool Leads, (string Holder, DateTimeOffset Since)? Leader, long Remade = 0)
{
    internal string Text(DateTimeOffset now)
    {
        if (Leader is not { } leader) { return "standby; the server does not report a leader"; }
        var since = string.Create(CultureInfo.InvariantCulture,
            $"since {leader.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {Ages.Of(now - leader.Since)}");
        if (!Leads) { return $"standby; {ShownText.Of(leader.Holder)} leads, {since}"; }
        return $"leads as {ShownText.Of(leader.Holder)}, {since}"
            + (Remade == 0 ? "" : "; the server had lost its store, and was given lead and state again from memory");
    }
}
