using System.Collections.Concurrent;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace Tool.Tests;

/// <summary>What has passed between the participants of a fleet, by identity.</summary>
internal sealed class FleetLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Traffic> _updates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Traffic> _versions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _awaited = new();

    /// <summary>Updates of one device that the server had confirmed and the aggregator had not received, at most.</summary>
    internal int MaxUpdates { get; private set; }

    /// <summary>Versions that the server had confirmed and their device had not received, at most.</summary>
    internal int MaxVersions { get; private set; }

    internal void Confirmed(WeightDelta update)
    {
        lock (_lock) { MaxUpdates = Math.Max(MaxUpdates, Of(_updates, update.Device).Confirm((update.Epoch, update.Sequence))); }
    }

    internal void Received(WeightDelta update)
    {
        lock (_lock) { Of(_updates, update.Device).Receive((update.Epoch, update.Sequence)); }
    }

    internal void Confirmed(string device, Weights version)
    {
        lock (_lock) { MaxVersions = Math.Max(MaxVersions, Of(_versions, device).Confirm((version.Epoch, version.Version))); }
    }

    internal void Received(string device, Weights version)
    {
        lock (_lock) { Of(_versions, device).Receive((version.Epoch, version.Version)); }
    }

    /// <summary>Forgets what was under way: a server has lost it, or a participant.</summary>
    internal void Lose()
    {
        lock (_lock)
        {
            foreach (var traffic in _updates.Values.Concat(_versions.Values)) { traffic.Lose(); }
        }
    }

    internal void Made(Weights version)
    {
        foreach (var (number, source) in _awaited)
        {
            if (version.Version >= number) { source.TrySetResult(); }
        }
    }

    /// <summary>Done when a version of a number, or a later one, has been made.</summary>
    internal Task VersionAsync(long number) =>
        _awaited.GetOrAdd(number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private static Traffic Of(Dictionary<string, Traffic> all, string device)
    {
        if (!all.TryGetValue(device, out var traffic)) { all[device] = traffic = new(); }
        return traffic;
    }

    /// <summary>Messages between two participants. One may be received before its confirmation is seen.</summary>
    private sealed class Traffic
    {
        private readonly HashSet<(long, long)> _underWay = [];
        private readonly HashSet<(long, long)> _received = [];

        internal int Confirm((long, long) id)
        {
            if (!_received.Contains(id)) { _underWay.Add(id); }
            return _underWay.Count;
        }

        internal void Receive((long, long) id)
        {
            _received.Add(id);
            _underWay.RemoveWhere(other => other.CompareTo(id) <= 0);      // one that was passed over is lost, or comes no more
        }

        internal void Lose() => _underWay.Clear();
    }
}
