using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>Tells from the changes of connections when what was on the way may be lost, and can be sent again: for blocks that they
/// steer.</summary>
/// <remarks>Not safe for several threads at once. A change that is heard of twice counts once.</remarks>
public sealed class SessionWatch
{
    private readonly Dictionary<(string Transport, string Session), (long Connects, bool IsConnected)> _sessions = [];
    private bool _hasLost;

    /// <summary>True if there are sessions that were heard of, and all are connected.</summary>
    public bool AreConnected => _sessions.Count > 0 && _sessions.Values.All(static s => s.IsConnected);

    /// <summary>Takes in a change.</summary>
    /// <param name="change">The change.</param>
    /// <returns>True if some session was not kept by its server since this was last true, and all sessions that were heard of are connected
    /// now. Before, an answer might find nobody subscribed.</returns>
    public bool Take(ConnectionChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_sessions, (change.Transport, change.Session), out _);
        var isBack = change.IsConnected && change.Connects > Math.Max(1, known.Connects);
        known = (change.Connects, change.IsConnected);              // fewer than before: it is a session of a later start
        _hasLost |= isBack && !change.SessionKept;
        if (!_hasLost || !AreConnected) { return false; }
        _hasLost = false;
        return true;
    }

    /// <summary>The state of the sessions, for the state of a block that they steer.</summary>
    /// <param name="s">Writes or reads it.</param>
    /// <exception cref="StateException">What is read is damaged.</exception>
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
