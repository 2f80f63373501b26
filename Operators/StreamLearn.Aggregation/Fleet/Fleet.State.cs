namespace StreamLearn.Aggregation;

/// <content>Its members in the order in which they came, in which they are also told of what all are told; numbers of devices follow from
/// them.</content>
internal sealed partial class Fleet
{
    internal void Save(StateWriter writer)
    {
        writer.Write(_members.Count);
        foreach (var member in _members.Values) { member.Save(writer); }
        writer.Write<double>(_memory);
        writer.Write(_round);
        writer.Write(_held);
        writer.Write(Listed);
        writer.Write(Predicted);
        Medians.Save(writer);
        _recent.Save(writer);
        writer.Write(_rows);
    }

    internal void Load(ref StateReader reader)
    {
        for (var left = reader.ReadCount(maxDevices, "devices"); left > 0; left--)
        {
            var member = new Member(new(reader.ReadText()));
            member.Load(ref reader);
            if (!_members.TryAdd(member.Id.Name, member)) { throw new StateException($"expected a device once, got '{member.Id}' twice"); }
        }

        reader.Read<double>(_memory);
        (_round, _held, Listed, Predicted) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadBoolean(), reader.ReadSpan());
        Medians.Load(ref reader);
        if (reader.Format != Aggregate.FormatBefore)
        {
            _recent.Load(ref reader);
            _rows = reader.ReadCount();
        }

        Count();
    }

    /// <summary>Reads whom a state names.</summary>
    internal Member ReadMember(ref StateReader reader)
    {
        var name = reader.ReadText();
        return _members.TryGetValue(name, out var member)
            ? member
            : throw new StateException($"expected a device of the fleet, got '{name}'");
    }

    private void Count()
    {
        foreach (var member in _members.Values)
        {
            if (member.HasData) { Known++; }
            if (member.Alive) { Alive++; }
            if (member.ContributedIn == _round) { Contributors++; }
            if (!IsReady(member)) { continue; }
            _ready.Add(member);
            if (!IsInvited(member)) { continue; }
            Invited++;
            if (member.ReportedIn == _round) { Reported++; }
        }

        _ready.Sort(Order);
    }
}
