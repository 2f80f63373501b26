namespace StreamLearn.Fleets;

internal sealed partial class OpenRound
{
    internal void State(ref StateStream s, UpdateCheck check, long version, Fleet fleet)
    {
        StartedAt = s.ClockTime(StartedAt);
        if (s.Format != ServerState.BeforeLeftOut) { ReachedFrom = s.ClockTime(ReachedFrom); }
        IsFirst = s.Value(IsFirst);
        Updates = s.Value(Updates, 0, int.MaxValue);
        s.Value(ref _isMixed);
        if (s.Value(Sole is not null)) { Fleet.Refer(ref s, ref _sole!, fleet); }
        var count = s.Count(Held.Count, maxHeld, "updates that are held");
        for (var i = 0; i < count; i++)
        {
            var held = s.IsReading ? default : Held[i];
            var update = s.Value(held.Update, LearningCodecs.Deltas);
            if (s.IsReading && (check.Form(update) is not null || update.BaseVersion < 0 || update.BaseVersion > version))
            {
                throw new StateException($"expected an update of this model's version {version} or one before, got {update}");
            }

            var (weight, norm) = (s.Value(held.IsCapped ? -held.Weight : held.Weight), s.Value(held.Norm));
            if (s.IsReading) { Held.Add(new(update, Math.Abs(weight), norm) { IsCapped = weight < 0 }); }
        }

        s.Items(Steered, int.MaxValue, static (ref StateStream s, ref (WeightDelta Update, long Bytes) steered) =>
            steered = (s.Value(steered.Update, LearningCodecs.Deltas), s.Value(steered.Bytes)));
        RefusedBytes = s.Count(RefusedBytes);
        s.Items(_contributions, MaxListed, StateMessages.State);
        s.Items(_refusals, MaxListed, StateMessages.State);
    }
}
