using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StreamLearn;

/// <summary>A connection change as seven recorded words, without spaces or line ends.</summary>
internal static class ConnectionText
{
    internal const int Words = 7;

    private const string Lost = "lost", Connected = "connected", Kept = "kept";

    internal static string Of(ConnectionChange change) => string.Join(' ',
        change.IsConnected ? change.SessionKept ? Kept : Connected : Lost, Word(change.Transport), Word(change.Session),
        change.Subscription is null ? "publishing" : "subscription", Word(change.Subscription ?? ""),
        change.Connects.ToString(CultureInfo.InvariantCulture), Word(change.Reason));

    internal static bool TryRead(ReadOnlySpan<string> words, [NotNullWhen(true)] out ConnectionChange? change)
    {
        change = null;
        if (words is not [Lost or Connected or Kept, _, _, "publishing" or "subscription", _, _, _]
            || !long.TryParse(words[5], NumberStyles.None, CultureInfo.InvariantCulture, out var connects)) { return false; }
        change = new()
        {
            Transport = Uri.UnescapeDataString(words[1]),
            Session = Uri.UnescapeDataString(words[2]),
            Subscription = words[3] == "publishing" ? null : Uri.UnescapeDataString(words[4]),
            IsConnected = words[0] != Lost,
            SessionKept = words[0] == Kept,
            Connects = connects,
            Reason = Uri.UnescapeDataString(words[6]),
        };
        return true;
    }

    private static string Word(string text) => Uri.EscapeDataString(text);
}
