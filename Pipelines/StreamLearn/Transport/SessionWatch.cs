using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>Determines from connection changes when messages may be lost and can be sent again, for the blocks that the changes
/// control.</summary>
/// <remarks>Not thread-safe. Duplicate changes count once.</remarks>
public sealed class SessionWatch
{
    private readonly Dictionary<(string Transport, string Session), (long Connects, bool IsConnected)> _sessions = [];
    private bool _hasLost;

    /// <summary>True if there are known sessions and all are connected.</summary>
    public bool AreConnected => _sessions.Count > 0 && _sessions.Values.All(static s => s.IsConnected);

    /// <summary>Applies a change.</summary>
    /// <returns>True if, since the last true result, a session was not kept, and all known sessions are connected, so that replies reach
    /// their subscriber.</returns>
    public bool Take(ConnectionChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_sessions, (change.Transport, change.Session), out _);
        var isBack = change.IsConnected && change.Connects > Math.Max(1, known.Connects);
        known = (change.Connects, change.IsConnected);              // fewer connections than before: the session belongs to a later start
        _hasLost |= isBack && !change.SessionKept;
        if (!_hasLost || !AreConnected) { return false; }
        _hasLost = false;
        return true;
    }

    /// <summary>Saves or restores the sessions as part of a block's state.</summary>
    /// <exception cref="StateException">The state is damaged.</exception>
    public void State(ref StateStream s)
    {
        s.Items(_sessions, int.MaxValue, static (
            ref StateStream s, ref (string Transport, string Session) of, ref (long Connects, bool IsConnected) known) =>
        {
            of = (s.Value(of.Transport ?? ""), s.Value(of.Session ?? ""));
            known = (s.Value(known.Connects), s.Value(known.IsConnected));
        });
        s.Value(ref _hasLost);
    }
}
