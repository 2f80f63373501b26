using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>What is remembered of a device.</summary>
internal sealed class Member
{
    internal (long Epoch, long Sequence) Last { get; set; } = (long.MinValue, long.MinValue);

    internal bool Alive { get; set; }

    internal long InvitedTo { get; set; } = -1;

    internal long ReportedIn { get; set; } = -1;
}

/// <summary>Who belongs to the fleet, who is invited to the round and who has reported in it. At most a set number of devices.</summary>
internal sealed class Fleet(int maxDevices)
{
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly List<DeviceId> _alive = [];
    private readonly List<DeviceId> _cohort = [];
    private long _round;

    internal IReadOnlyList<DeviceId> Alive => _alive;

    internal int Known => _members.Count;

    /// <summary>Alive devices invited to the round.</summary>
    internal int Invited { get; private set; }

    /// <summary>Those of them that have reported.</summary>
    internal int Reported { get; private set; }

    /// <summary>Admits the sender of an update by the update's identity.</summary>
    /// <returns>Why not, or null.</returns>
    internal string? Admit(WeightDelta update)
    {
        var identity = (update.Epoch, update.Sequence);
        if (!_members.TryGetValue(update.Device, out var member))
        {
            if (_members.Count == maxDevices) { return "fleet-full"; }
            _members[update.Device] = member = new();
        }

        if (identity.CompareTo(member.Last) <= 0) { return "identity"; }
        member.Last = identity;
        if (!member.Alive) { Join(new(update.Device), member); }
        return null;
    }

    /// <summary>Notes that an admitted device has reported in the round.</summary>
    /// <returns>Why it does not count, or null.</returns>
    internal string? Report(string device)
    {
        var member = _members[device];
        if (member.InvitedTo != _round) { return "uninvited"; }
        if (member.ReportedIn == _round) { return null; }
        member.ReportedIn = _round;
        Reported++;
        return null;
    }

    internal void Leave(string device)
    {
        if (!_members.TryGetValue(device, out var member) || !member.Alive) { return; }
        member.Alive = false;
        _alive.RemoveAt(_alive.BinarySearch(new(device)));
        if (member.InvitedTo != _round) { return; }
        Invited--;
        if (member.ReportedIn == _round) { Reported--; }
    }

    internal void BeginRound(Select select, long version, RandomStream random)
    {
        _round++;
        (Invited, Reported) = (0, 0);
        _cohort.Clear();
        select(new(_alive, version), random, _cohort);
        foreach (var device in _cohort)
        {
            if (!_members.TryGetValue(device.Name, out var member) || !member.Alive || member.InvitedTo == _round) { continue; }
            member.InvitedTo = _round;
            Invited++;
        }
    }

    /// <summary>
    /// A device that joins within a round is invited to it; one that comes back in the round it left has reported already.
    /// </summary>
    private void Join(DeviceId device, Member member)
    {
        member.Alive = true;
        member.InvitedTo = _round;
        _alive.Insert(~_alive.BinarySearch(device), device);
        Invited++;
        if (member.ReportedIn == _round) { Reported++; }
    }
}
