using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed class UpdateIntake(
    AggregateOptions options, UpdateCheck check, Fleet fleet, ServerModel model, OpenRound round, OperatorContext context)
{
    internal ISteering? Steering { get; set; }

    internal required Rules Rules { get; set; }

    /// <summary>A device that continues its own learning is not behind its own updates.</summary>
    internal WeightDelta Continued(WeightDelta update, Member member)
    {
        var version = member.VersionOf(update.BaseVersion);
        return version == update.BaseVersion ? update : update with { BaseVersion = version, BaseEpoch = model.Epoch };
    }

    /// <summary>An update without steps does not count as a report, unless its device has no version yet and may wait for one.</summary>
    internal UpdateRefusal? Accept(WeightDelta update, Member member)
    {
        if (!model.IsOfThisEpoch(update))
        {
            if (update.Steps > 0) { return UpdateRefusal.OldEpoch; }
            update = update with { BaseVersion = Math.Min(update.BaseVersion, model.Version) };     // its number refers to other versions
        }

        var late = update.BaseVersion < model.Version;
        var untimely = Untimely(member, update.BaseVersion, late);
        var idle = update.Steps == 0 && update.Moments is null;
        var ofThisRound = !late || !fleet.Invitations.Listed;
        if (untimely is null && ofThisRound && (update.Steps > 0 || idle || model.IsOfFirst(update)))
        {
            fleet.Invitations.Report(member, context.Now - (round.WaitsFrom ?? context.Now));
        }

        var steps = Math.Min(update.Steps, PossibleSteps(update, member, UpdateCheck.Tolerance));
        var usual = Math.Min(update.Steps, PossibleSteps(update, member, 1));
        if (check.Content(update, model.Version, member, usual, out var norm) is { } reason)
        {
            if (reason == UpdateRefusal.Stale) { Measure(update, member); }
            if (norm > 0) { fleet.Medians.Note(votes: true); }
            return reason;
        }

        var claimsMore = update.Steps > UpdateCheck.Tolerance * steps;
        if (claimsMore) { update = update with { Steps = steps, RolledBack = Math.Min(update.RolledBack, steps) }; }
        fleet.Rest(member, update.Resting || (member.Rests && update.Steps == 0));
        if (update.Steps > 0 && fleet.IsFlood(member, context.Now)) { return UpdateRefusal.Flood; }
        Note(update, member);
        if (idle && update.Resting && !update.Leaving) { context.Record("rests"); }
        if (idle) { return update.Leaving || update.Resting ? null : UpdateRefusal.Empty; }
        if (update.Steps == 0) { return Announce(update); }
        if (update.RolledBack >= update.Steps) { return Take(new(update, 0, norm)) ? UpdateRefusal.RolledBack : UpdateRefusal.SetFull; }
        if (update.Samples == 0) { return UpdateRefusal.NoSamples; }
        if (untimely is not null) { return Take(new(update, 0, norm)) ? untimely : UpdateRefusal.SetFull; }
        var weight = Rules.Weigh.Of(HeldUpdate.HeaderOf(update), round.View(fleet, model.Version, context.Now));
        if (!(weight > 0 && float.IsFinite(weight))) { return UpdateRefusal.Weightless; }
        member.WeightVote = weight;
        // as if resting devices had returned the model unchanged, so that the others do not dominate it
        if (Rules.Due.CountsUpdates && fleet.ShareAtWork is < 1 and var share) { weight *= (float)share; }
        var allowed = Allowed(member, weight);
        var isCapped = allowed < weight || claimsMore;
        if (!Take(new(check.Clip(update, norm), allowed, norm) { IsCapped = isCapped })) { return UpdateRefusal.SetFull; }
        fleet.Count(member, allowed, check.MaxStaleness, context.Now);
        if (isCapped) { context.Record("updates-capped"); }
        if (norm > options.ClipNorm) { context.Record("updates-clipped"); }
        if (ofThisRound) { fleet.Invitations.Contribute(member); }
        round.Accepted(member);
        return null;
    }

    internal void Add(HeldUpdate held)
    {
        model.Add(held);
        check.NoteEarly(held.Norm);
    }

    /// <summary>Returns how many steps were possible since its version or previous update, at a multiple of the fleet's pace; at least the
    /// requested or usual steps. Unlimited before any update.</summary>
    private int PossibleSteps(WeightDelta update, Member member, double times)
    {
        var medians = fleet.Medians;
        if (!(medians.Steps > 0)) { return int.MaxValue; }
        var asked = Math.Max(medians.Steps, Steering?.Directive.StepsPerUpdate ?? member.Told?.Directive.StepsPerUpdate ?? 1);
        var span = member.Pace.SpanTo(model.EmittedAt(update.BaseVersion), context.Now) ?? TimeSpan.Zero;
        return (int)Math.Min(int.MaxValue, medians.Step > 0 ? Math.Max(asked, span.TotalSeconds * times / medians.Step) : times * asked);
    }

    /// <summary>Limited by the fleet's median and, without a barrier, by share; at least a thousandth, so that the round can end.</summary>
    private float Allowed(Member member, float weight)
    {
        if (!Rules.Apply.Streams && !Rules.Due.CountsUpdates) { return weight; }      // decided when the round is complete (Limit)
        var most = Math.Min(fleet.Allowed(member, weight, options.MaxShare), MaxWeight);
        return (float)Math.Max(Math.Min(weight, most), weight / 1000);
    }

    internal void Limit()
    {
        var held = CollectionsMarshal.AsSpan(round.Held);
        ShareOfRound.Limit(held, MaxWeight, options.MaxShare);
        foreach (ref readonly var update in held)
        {
            if (update.IsCapped) { context.Record("updates-capped"); }
        }
    }

    private double MaxWeight => fleet.Medians.Weighed < Fleet.EnoughDevices ? double.PositiveInfinity
        : options.MaxWeight * fleet.Medians.Weight;

    private UpdateRefusal? Untimely(Member member, long baseVersion, bool late)
    {
        var isInvited = fleet.Invitations.Has(member);
        if (late && (isInvited || member.InvitedTo == baseVersion)) { return Rules.AcceptsLate ? null : UpdateRefusal.LateRound; }
        return isInvited ? null : UpdateRefusal.Uninvited;
    }

    private void Note(WeightDelta update, Member member)
    {
        member.Take(update.BaseVersion);
        Measure(update, member);
        if (update.Steps > 0) { member.Sent(update); }
        fleet.Medians.Note(votes: update.Steps > 0);
    }

    /// <summary>Records the measurements of the update; stale updates count too.</summary>
    private void Measure(WeightDelta update, Member member) =>
        member.Pace.Arrive(model.EmittedAt(update.BaseVersion), context.Now, update.Steps, update.RoundTime, update.CreditWait);

    private UpdateRefusal? Announce(WeightDelta update)
    {
        if (!Take(new(update, 0, 0))) { return UpdateRefusal.SetFull; }
        context.Record("announcements");
        return null;
    }

    internal void Merge(HeldUpdate held)
    {
        if (held.Update.Moments is not { } moments || fleet.MemberOf(held.Update.Device) is not { } member) { return; }
        var rows = model.Merge(member, moments, fleet);
        if (rows < moments.Count) { context.Record("rows-capped", moments.Count - rows); }
    }

    private bool Take(in HeldUpdate update)
    {
        if (update.Weight == 0 && update.Update.Moments is null) { return true; }
        if (!Rules.Apply.Streams) { return round.Hold(update, shares: fleet.Ready.Count >= Fleet.EnoughDevices); }
        if (update.Weight > 0 && !check.KnowsBound && round.Held.Count < OpenRound.HeldAtFirst && round.Hold(update)) { return true; }
        Merge(update);
        if (update.Weight == 0) { return true; }
        round.Contribute(update, model.Version);
        Add(update);
        return true;
    }
}
