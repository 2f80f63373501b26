using System.Diagnostics.CodeAnalysis;

namespace StreamLearn;

/// <summary>A change of a connection as six words of a recording, of which none has a space or an end of line in it.</summary>
internal static class ConnectionText
{
    internal const int Words = 6;

    private const string Lost = "lost", Connected = "connected", Kept = "kept";

    internal static string Of(ConnectionChange change) => string.Join(' ',
        change.IsConnected ? change.SessionKept ? Kept : Connected : Lost, Word(change.Transport), Word(change.Session),
        change.Subscription is null ? "publishing" : "subscription", Word(change.Subscription ?? ""), Word(change.Reason));

    /// <summary>Reads the words; false if they are none.</summary>
    internal static bool TryRead(ReadOnlySpan<string> words, [NotNullWhen(true)] out ConnectionChange? change)
    {
        change = null;
        if (words is not [Lost or Connected or Kept, _, _, "publishing" or "subscription", _, _]) { return false; }
        change = new()
        {
            Transport = Uri.UnescapeDataString(words[1]),
            Session = Uri.UnescapeDataString(words[2]),
            Subscription = words[3] == "publishing" ? null : Uri.UnescapeDataString(words[4]),
            IsConnected = words[0] != Lost,
            SessionKept = words[0] == Kept,
            Reason = Uri.UnescapeDataString(words[5]),
        };
        return true;
    }

    private static string Word(string text) => Uri.EscapeDataString(text);
}
