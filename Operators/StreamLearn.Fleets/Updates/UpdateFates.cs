namespace StreamLearn.Fleets;

internal sealed class UpdateFates(Downlink? downlink)
{
    private readonly List<(Member Member, long Epoch, long Sequence)> _undecided = [];      // accepted updates of an open round

    internal void State(ref StateStream s, Fleet fleet) =>
        s.Items(_undecided, int.MaxValue, fleet,
            static (ref StateStream s, ref (Member Member, long Epoch, long Sequence) update, Fleet fleet) =>
            {
                Fleet.Refer(ref s, ref update.Member, fleet);
                s.Value(ref update.Epoch);
                s.Value(ref update.Sequence);
            });

    internal void Decide(WeightDelta update, Member member, UpdateRefusal? reason)
    {
        if (reason is { } refusal) { member.Identities.Decide(update.Sequence, UpdateOutcome.Refused, refusal.Text()); }
        else if (update.Steps == 0) { member.Identities.Decide(update.Sequence, UpdateOutcome.Applied); }
        else if (downlink is not null) { _undecided.Add((member, member.Epoch, update.Sequence)); }
    }

    internal void DecideAll(bool valid)
    {
        foreach (var (member, epoch, sequence) in _undecided)
        {
            if (epoch != member.Epoch) { continue; }        // the device has restarted and expects no answer
            if (valid) { member.Identities.Decide(sequence, UpdateOutcome.Applied); }
            else { DecideLate(member, sequence, UpdateRefusal.VoidRound); }
        }

        _undecided.Clear();
    }

    internal void Withdraw(WeightDelta update, UpdateRefusal reason)
    {
        var at = _undecided.FindIndex(u => u.Sequence == update.Sequence && u.Epoch == update.Epoch && u.Member.Id.Name == update.Device);
        if (at < 0) { return; }
        var (member, epoch, sequence) = _undecided[at];
        if (epoch == member.Epoch) { DecideLate(member, sequence, reason); }
        _undecided.RemoveAt(at);
    }

    private void DecideLate(Member member, long sequence, UpdateRefusal reason)
    {
        member.Identities.Decide(sequence, UpdateOutcome.Refused, reason.Text());
        downlink?.Report(member);
    }
}
