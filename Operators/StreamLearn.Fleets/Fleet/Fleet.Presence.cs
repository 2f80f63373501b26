namespace StreamLearn.Fleets;

internal sealed partial class Fleet
{
    /// <summary>Live devices that rounds do not wait for.</summary>
    internal int LeftOut { get; private set; }

    internal ImmutableArray<(string Device, double Score, string Reason)> Stragglers() => LeftOut == 0 ? Medians.Stragglers :
    [
        .. _members.Values
        .Where(static m => m is { Alive: true, IsLeftOut: true }).OrderBy(static m => m.Id)
        .Select(m => (m.Id.Name, Math.Max(FleetMedians.Slow, Medians.ScoreOf(m.Pace)), Round.LeftOut))
        .Concat(Medians.Stragglers.Where(s => MemberOf(s.Device)?.IsLeftOut != true)).Take(FleetMedians.MaxStragglers),
    ];

    /// <summary>Returns false if rounds did wait for the device.</summary>
    internal bool Return(Member member)
    {
        if (!member.IsLeftOut) { return false; }
        member.IsLeftOut = false;
        LeftOut -= member.Alive ? 1 : 0;
        if (member.IsReady) { Enter(member); }
        return true;
    }

    private void LeaveOut(Member member)
    {
        if (member.IsReady) { Exit(member); }
        Known += member.IsKnown ? 0 : 1;
        LeftOut++;
        member.IsLeftOut = true;
    }

    /// <summary>Leaves out the devices without a report that a round has waited for long enough.</summary>
    /// <param name="begun">When the wait began.</param>
    /// <param name="now">The time.</param>
    /// <param name="limit">The time that each device has; null: derived from those of the others.</param>
    /// <param name="needed">Devices that a first round needs.</param>
    /// <returns>The number left out, and when to look again; null: when another device has reported.</returns>
    internal (int Left, DateTimeOffset? Next) LeaveOut(DateTimeOffset begun, DateTimeOffset now, TimeSpan? limit, int needed)
    {
        var (left, next) = (0, (DateTimeOffset?)null);
        var (invited, reported, half) = (Invitations.Invited, Invitations.Reported, Invitations.Half);
        foreach (var member in _members.Values)
        {
            if (!member.Alive || member.IsLeftOut || (member.HasData ? !Invitations.Awaits(member) : Known >= needed)) { continue; }
            var from = member.Joined > begun ? member.Joined : begun;
            var end = from + Patience.For(half, invited, reported, member.Pace.Latency, limit, isSilent: member.Seen <= from);
            if (end > now)
            {
                next = next < end ? next : end;
                continue;
            }

            LeaveOut(member);
            left++;
        }

        return (left, next);
    }

    private void Join(Member member)
    {
        (member.Alive, member.Left, member.Joined) = (true, false, member.Seen);
        Alive++;
        Elders += member.IsElder ? 1 : 0;
        LeftOut += member.IsLeftOut ? 1 : 0;
        if (member.IsReady) { Enter(member); }
    }

    /// <summary>Adds a device to the round. A device that returns in the same round keeps its report.</summary>
    private void Enter(Member member)
    {
        _ready.Insert(~_ready.BinarySearch(member, Order), member);
        _resting += member.Rests ? 1 : 0;
        Invitations.Enter(member);
    }

    private void Die(Member member)
    {
        if (!member.Alive) { return; }
        if (member.IsReady) { Exit(member); }
        member.Alive = false;
        Alive--;
        Elders -= member.IsElder ? 1 : 0;
        LeftOut -= member.IsLeftOut ? 1 : 0;
    }

    private void Exit(Member member)
    {
        _ready.RemoveAt(_ready.BinarySearch(member, Order));
        _resting -= member.Rests ? 1 : 0;
        Invitations.Leave(member);
    }
}
