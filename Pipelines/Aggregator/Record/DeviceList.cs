using System.Collections.Immutable;
using StreamLearn.Learning;

namespace Aggregator;

/// <summary>A bounded list. If it is full, a new device replaces one that has been silent for a minute, or an accepted device replaces one
/// never accepted; otherwise the new device is only counted.</summary>
internal sealed class DeviceList(int most)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, DeviceRecord> _byName = new(StringComparer.Ordinal);
    private readonly List<DeviceRecord> _devices = [];
    private readonly List<DeviceRecord> _slow = [];
    private DateTimeOffset _fullUntil = DateTimeOffset.MinValue;
    private bool _allHaveSent;
    private long _change;

    internal long Unlisted { get; private set; }

    internal ImmutableArray<RefusedUpdate> Add(Round round)
    {
        _change++;
        foreach (ref readonly var contribution in round.Contributions.AsSpan())
        {
            Find(contribution.Device, round.Ended, isAccepted: true)?.Add(contribution, round.Ended, _change);
        }

        ImmutableArray<RefusedUpdate> refused =
            [.. round.Refusals.Where(r => Find(r.Device, round.Ended)?.Add(r, round.Ended, _change) != false)];

        var before = _slow.ToArray();
        _slow.Clear();
        foreach (var straggler in round.Stragglers)
        {
            if (straggler.Reason.Length == 0 || !_byName.TryGetValue(straggler.Device, out var device)) { continue; }
            device.SetSlow(ShownText.Of(straggler.Reason), _change);
            _slow.Add(device);
        }

        foreach (var device in before.Except(_slow)) { device.SetSlow("", _change); }
        return refused;
    }

    /// <summary>Rounds report the updates of unlisted devices.</summary>
    internal List<UpdateFate> Add(Receipt receipt, DateTimeOffset now) =>
        receipt.Fates.IsEmpty ? [] : Find(receipt.Device, now, counts: false)?.Add(receipt, now, ++_change) ?? [];

    internal void Add(Presence presence, DateTimeOffset now) => Find(presence.Device, now)?.Add(presence, now, ++_change);

    internal void Add(DeviceScore score, DateTimeOffset now) => Find(score.Device, now, counts: false)?.Add(score, now, ++_change);

    internal void Add(DeviceNews news, DateTimeOffset now) => Find(news.Device, now, counts: false)?.Add(news, now, ++_change);

    /// <summary>Records that the device has a different model.</summary>
    internal bool AddDifference(string name, string text, long epoch, DateTimeOffset now) =>
        Find(name, now, counts: false)?.AddDifference(text, epoch, now, ++_change) == true;

    internal bool ForgetOwn(string name) => _byName.TryGetValue(name, out var device) && device.ForgetOwn(++_change);

    /// <summary>Returns the fleet's accuracy; null: nothing reported.</summary>
    internal FleetAccuracy? ToAccuracy() => FleetAccuracy.Of([.. _devices.Select(static d => d.Own).OfType<OwnAccuracy>()]);

    internal bool Forget(string name, DateTimeOffset now)
    {
        if (!_byName.TryGetValue(name, out var device)) { return false; }
        device.Forget(now, ++_change);
        return true;
    }

    /// <summary>A leave message does not add a device to the list.</summary>
    internal void AddLeave(string name, long epoch, DateTimeOffset now) =>
        _byName.GetValueOrDefault(name)?.AddLeave(epoch, now, ++_change);

    internal ImmutableArray<DeviceStatus> ToStatus() => [.. _devices.Select(static d => d.ToStatus())];

    internal void State(ref StateStream s)
    {
        Unlisted = s.Value(Unlisted);
        var count = s.Value(_devices.Count, 0, most);
        if (s.IsReading)
        {
            _byName.Clear();
            _devices.Clear();
            _slow.Clear();
        }

        for (var i = 0; i < count; i++)
        {
            var name = s.Value(s.IsReading ? "" : _devices[i].Name);
            var device = s.IsReading ? List(name, i) : _devices[i];
            device.State(ref s, s.IsReading ? ++_change : _change);
        }
    }

    private DeviceRecord? Find(string name, DateTimeOffset now, bool counts = true, bool isAccepted = false)
    {
        if (_byName.TryGetValue(name, out var known)) { return known; }
        if (_devices.Count < most) { return List(name, _devices.Count); }
        if (isAccepted && !_allHaveSent)
        {
            var silent = _devices.MinBy(static d => (d.HasSent, d.LastSeen))!;
            if (!silent.HasSent) { return Replace(silent, name); }
            _allHaveSent = true;
        }

        if (now >= _fullUntil)
        {
            var oldest = _devices.MinBy(static d => d.LastSeen)!;
            _fullUntil = oldest.LastSeen + KeptFor;
            if (now > _fullUntil) { return Replace(oldest, name); }
        }

        if (counts) { Unlisted++; }
        return null;
    }

    private DeviceRecord Replace(DeviceRecord other, string name)
    {
        _byName.Remove(other.Name);
        _slow.Remove(other);
        return List(name, other.Id);
    }

    private DeviceRecord List(string name, int id)
    {
        var device = new DeviceRecord(id, name);
        _allHaveSent = false;
        _byName[name] = device;
        if (id == _devices.Count) { _devices.Add(device); }
        else { _devices[id] = device; }
        return device;
    }
}
