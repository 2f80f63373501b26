namespace StreamLearn.Fleets;

/// <summary>Rows by which devices count in the scale of the fleet. With three or more devices, each has at most a share.</summary>
internal sealed class ScaleRows(double maxShare)
{
    private long _rows;         // total of all devices

    /// <summary><paramref name="isKnown"/>: a scale from other devices exists.</summary>
    internal long Count(Member member, long rows, bool isKnown)
    {
        if (isKnown && _rows > 0 && maxShare < 1)
        {
            var most = (_rows - member.Rows) * maxShare / (1 - maxShare);
            rows = (long)Math.Clamp(most - member.Rows, 0, rows);
        }

        (member.Rows, _rows) = (member.Rows + rows, _rows + rows);
        return rows;
    }

    internal void Forget(Member member) => (_rows, member.Rows) = (_rows - member.Rows, 0);

    /// <summary>Restarts from the scale of a version, whose rows are from unknown devices.</summary>
    internal void Restart(long rows, IEnumerable<Member> members)
    {
        _rows = rows;
        foreach (var member in members) { member.Rows = 0; }
    }

    internal void State(ref StateStream s) => _rows = s.Count(_rows);
}
