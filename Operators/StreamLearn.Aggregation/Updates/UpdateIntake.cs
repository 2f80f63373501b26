using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>Takes updates into the open round: validates, weighs, and adds or holds each, or says why not.</summary>
internal sealed class UpdateIntake(
    AggregateOptions options, UpdateCheck check, Fleet fleet, ServerModel model, OpenRound round, OperatorContext context)
{
    /// <summary>The rules by which updates are taken.</summary>
    internal required Rules Rules { get; set; }

    /// <summary>An update of a device that goes on from what it learned: it is not behind its own updates.</summary>
    internal WeightDelta Continued(WeightDelta update, Member member)
    {
        var version = member.VersionOf(update.BaseVersion);
        return version == update.BaseVersion ? update : update with { BaseVersion = version, BaseEpoch = model.Epoch };
    }

    /// <summary>
    /// Takes an update into the round. One without steps is not a report, unless its device has taken no version yet: that may wait for
    /// one.
    /// </summary>
    /// <returns>Why not, or null.</returns>
    internal string? Accept(WeightDelta update, Member member)
    {
        if (update.Steps > 0 && !model.IsOfThisEpoch(update)) { return "old-epoch"; }
        var late = update.BaseVersion < model.Version;
        var untimely = Untimely(member, update.BaseVersion, late);
        var idle = update.Steps == 0 && update.Moments is null;
        var ofThisRound = !late || !fleet.Listed;
        if (untimely is null && ofThisRound && (update.Steps > 0 || idle || model.IsOfFirst(update))) { fleet.Report(member); }
        if (check.Content(update, model.Version, member, out var norm) is { } reason) { return reason; }
        Note(update, member);
        if (idle) { return update.Leaving ? null : "empty"; }
        if (update.Steps == 0) { return Announce(update); }
        if (update.RolledBack >= update.Steps) { return Take(new(update, 0, norm)) ? "rolled-back" : "set-full"; }
        if (update.Samples == 0) { return "no-samples"; }
        if (untimely is not null) { return Take(new(update, 0, norm)) ? untimely : "set-full"; }
        var weight = Rules.Weigh.Of(HeldUpdate.HeaderOf(update), round.View(fleet, model.Version, context.Now));
        if (!(weight > 0 && float.IsFinite(weight))) { return "refused"; }
        if (!Take(new(check.Clip(update, norm), weight, norm))) { return "set-full"; }
        if (norm > options.ClipNorm) { context.Record("updates-clipped"); }
        if (ofThisRound) { fleet.Contribute(member); }
        round.Accepted(member);
        return null;
    }

    /// <summary>Adds an update to the model and to the round's contributions.</summary>
    internal void Add(HeldUpdate held)
    {
        model.Add(held);
        round.Contribute(held.Update, held.Weight, held.Norm, model.Version);
    }

    /// <summary>
    /// Why an update with steps does not belong to this round, or null: late for a round that has ended, or not asked for.
    /// </summary>
    private string? Untimely(Member member, long baseVersion, bool late)
    {
        if (late && (fleet.IsInvited(member) || member.InvitedTo == baseVersion)) { return Rules.AcceptsLate ? null : "late-round"; }
        return fleet.IsInvited(member) ? null : "uninvited";
    }

    /// <summary>Remembers what a valid update tells of its device.</summary>
    private void Note(WeightDelta update, Member member)
    {
        member.Take(update.BaseVersion);
        member.Pace.Arrive(model.EmittedAt(update.BaseVersion), context.Now, update.Steps, update.RoundTime, update.CreditWait);
        if (update.Steps > 0) { member.Sent(update); }
        fleet.Medians.Note();
    }

    private string? Announce(WeightDelta update)
    {
        if (!Take(new(update, 0, 0))) { return "set-full"; }
        context.Record("announcements");
        return null;
    }

    /// <summary>Adds an update or holds it until the round ends. False: there is no space.</summary>
    private bool Take(in HeldUpdate update)
    {
        if (update.Weight == 0 && update.Update.Moments is null) { return true; }
        if (!Rules.Apply.Streams) { return round.Hold(update); }
        if (update.Weight > 0 && !check.KnowsBound && round.Held.Count < OpenRound.HeldAtFirst && round.Hold(update)) { return true; }
        model.Merge(update);
        if (update.Weight > 0) { Add(update); }
        return true;
    }
}
