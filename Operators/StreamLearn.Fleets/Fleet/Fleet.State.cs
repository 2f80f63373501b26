namespace StreamLearn.Fleets;

internal sealed partial class Fleet
{
    internal void State(ref StateStream s)
    {
        var left = s.Count(_members.Count, maxDevices, "devices");
        if (s.IsWriting)
        {
            foreach (var (name, member) in _members)
            {
                s.Value(name);
                member.State(ref s);
            }
        }

        for (; s.IsReading && left > 0; left--)
        {
            var member = new Member(new(s.Value("")));
            member.State(ref s);
            if (!_members.TryAdd(member.Id.Name, member)) { throw new StateException($"expected a device once, got '{member.Id}' twice"); }
        }

        Invitations.State(ref s, ref _held);
        Medians.State(ref s);
        _recent.State(ref s);
        _newcomers.State(ref s);
        Rows.State(ref s);
        if (s.IsReading) { Count(); }
    }

    internal static void Refer(ref StateStream s, ref Member member, Fleet fleet)
    {
        var name = s.Value(member?.Id.Name ?? "");
        if (s.IsWriting) { return; }
        member = fleet._members.TryGetValue(name, out var found)
            ? found
            : throw new StateException($"expected a device of the fleet, got '{name}'");
    }

    private void Count()
    {
        foreach (var member in _members.Values)
        {
            if (member.IsKnown) { Known++; }
            if (member.Alive)
            {
                Alive++;
                Elders += member.IsElder ? 1 : 0;
                LeftOut += member.IsLeftOut ? 1 : 0;
            }

            Invitations.Restore(member);
            if (!member.IsReady) { continue; }
            _ready.Add(member);
            _resting += member.Rests ? 1 : 0;
        }

        _ready.Sort(Order);
    }
}
