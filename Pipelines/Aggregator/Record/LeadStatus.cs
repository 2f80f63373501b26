using System.Globalization;
using StreamLearn.Nats;
using StreamLearn.Programs;

namespace Aggregator;

/// <summary>How an aggregator stands to the others of its fleet. <paramref name="Leads"/> false: it stands by. <paramref name="Leader"/>:
/// who leads; null: the server does not say. <paramref name="Remade"/>: how often the server had lost that.</summary>
internal sealed record LeadStatus(bool Leads, Leader? Leader, long Remade = 0)
{
    /// <summary>In words, for people, at a time.</summary>
    internal string Text(DateTimeOffset now)
    {
        if (Leader is not { } leader) { return "stands by; the server does not say who leads"; }
        var since = string.Create(CultureInfo.InvariantCulture,
            $"since {leader.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {Ages.Of(now - leader.Since)}");
        if (!Leads) { return $"stands by; {ShownText.Of(leader.Holder)} leads, {since}"; }
        return $"leads as {ShownText.Of(leader.Holder)}, {since}"
            + (Remade == 0 ? "" : "; the server had lost its store, and has the lead and the state again, from memory");
    }
}
