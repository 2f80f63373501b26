namespace TauDemo;

/// <summary>Which nodes have come to a run, and whether they are heard of. From any thread.</summary>
/// <param name="nodes">How many are to come.</param>
/// <param name="patience">After how long a silence of a node the fleet gives up.</param>
/// <param name="say">Takes a sentence for people.</param>
/// <param name="time">The clock; null: that of the system.</param>
internal sealed class NodeRoll(int nodes, TimeSpan patience, Action<string> say, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, SilenceWatch> _come = new(StringComparer.Ordinal);
    private long _saidAt = (time ?? TimeProvider.System).GetTimestamp();
    private string? _missing;       // as it was said

    /// <summary>What was said and still holds; null: nothing.</summary>
    internal string? Notice
    {
        get
        {
            lock (_lock) { return _missing ?? _come.Values.Select(static w => w.Notice).FirstOrDefault(static n => n is not null); }
        }
    }

    /// <summary>A run begins, and nobody has come to it.</summary>
    internal void Begin()
    {
        lock (_lock)
        {
            _come.Clear();
            (_saidAt, _missing) = (_time.GetTimestamp(), null);
        }
    }

    /// <summary>A node is heard.</summary>
    /// <param name="node">Its name.</param>
    internal void Hear(string node)
    {
        lock (_lock)
        {
            if (_come.TryGetValue(node, out var watch)) { watch.Hear(); }
            else { _come[node] = new(patience, WordsOf(node), say, _time); }
        }
    }

    /// <summary>Looks, and says which nodes are missing, and which are not heard of.</summary>
    /// <param name="isServerSilent">True: nobody can be heard.</param>
    /// <exception cref="FleetEndException">A node has been silent for too long.</exception>
    internal void Look(bool isServerSilent)
    {
        lock (_lock)
        {
            foreach (var watch in _come.Values)
            {
                if (isServerSilent) { watch.Excuse(); }
                else { watch.Look(); }
            }

            if (!isServerSilent) { SayMissing(); }
        }
    }

    private void SayMissing()
    {
        List<string> missing = [.. Enumerable.Range(0, nodes).Select(TauParts.NameOf).Where(n => !_come.ContainsKey(n))];
        var text = missing.Count == 0 ? null : $"waiting for {string.Join(", ", missing)}";
        if (text == _missing || (text is not null && _time.GetElapsedTime(_saidAt) < SilenceWatch.Mentioned)) { return; }
        (_saidAt, _missing) = (_time.GetTimestamp(), text);
        if (text is not null) { say(text); }
    }

    private SilenceWords WordsOf(string node) => new(
        () => $"nothing is heard of {node}; the fleet waits for it, for {patience.TotalSeconds} s at most",
        () => $"{node} is heard again",
        () => new($"nothing has been heard of {node} for {patience.TotalSeconds} s: the fleet ends (--patience)", CommandLine.Failed));
}
