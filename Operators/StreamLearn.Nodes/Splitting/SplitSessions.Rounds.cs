using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

internal sealed partial class SplitSessions
{
    private void EndRound(SplitSession session, Activations input, SplitRound round)
    {
        if (RefuseRound(session, input, round) is { } reason)
        {
            Refuse(input, reason);
            return;
        }

        session.Took(input, _context.Now);
        if (round.Batches == 0 && !round.IsLast) { session.Join(input.Split); }
        else
        {
            var update = session.Update(input, round);
            session.End();
            if (_shared is null) { _updates.Emit(update); }
            else { session.Held = update; }
        }

        if (round.IsLast && _shared is null) { Forget(session); }
        ReleaseHeld();
        BeginRounds();
    }

    private string? RefuseRound(SplitSession session, Activations input, SplitRound round)
    {
        if (input.Rows != 0 || !input.Values.IsEmpty || input.MoveTo is not null || (uint)input.Split > (uint)_model.PartCount)
        {
            return "shape";
        }

        if (round.Batches == 0) { return null; }
        if (!session.IsInRound || round.Base != session.Base!.Id) { return "round"; }
        if (input.Split != session.Split) { return "split"; }
        if (_shared is null && session.IsBehind(input)) { return "steps"; }
        if (session.Split == 0) { return input.Part is null ? null : "shape"; }
        var count = _model.Slices(0, session.Split).Sum(static slice => slice.Length);
        return input.Part is not { First: 0 } part || part.End != session.Split || part.Values.Length != count || !part.State.IsEmpty
            ? "shape"
            : Finite.All(part.Values.AsSpan()) ? null : "non-finite";
    }

    /// <summary>With shared layers, updates are sent together after all rounds have ended, because their last layers are equal.</summary>
    private void ReleaseHeld()
    {
        if (_shared is null || _sessions.Any(static s => s.IsInRound)) { return; }
        foreach (var session in _sessions.ToArray())
        {
            if (session.Held is not { } update) { continue; }
            if (update.Steps > 0) { TakeShared(update, session); }
            else { _updates.Emit(update); }
            session.Held = null;
            if (update.Leaving) { Forget(session); }
        }
    }

    private void TakeShared(WeightDelta update, SplitSession session)
    {
        var (values, start) = (update.Values.ToArray(), session.Base!.Values);
        var now = _shared!.Weights;
        foreach (var slice in _model.Slices(session.Split, _model.PartCount))
        {
            if (slice.Kind is not (SliceKind.Trained or SliceKind.Statistic)) { continue; }
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++) { values[i] = now[i] - start[i]; }
        }

        _updates.Emit(update with { Values = ImmutableCollectionsMarshal.AsImmutableArray(values) });
    }

    /// <summary>Skips devices that have already received the newest version.</summary>
    private void BeginRounds()
    {
        // a device that ended its round keeps its slot until a version includes it
        var training = _sessions.Count(s => s.IsInRound || (s.Waits && s.Base is { } had && had.Id >= _newest.Id));
        foreach (var session in _sessions.Where(static s => s.Waits && s.Moves is null).OrderBy(static s => s.LastSeen)
            .ThenBy(static s => s.Device, StringComparer.Ordinal).ToArray())
        {
            if (session.Base is { } had && _newest.Id <= had.Id) { continue; }
            if (_newest.Invited is { } invited && !invited.Contains(session.Device)) { continue; }
            if (training >= _options.MaxAtOnce) { return; }
            if (_shared is not null && _split is { } shared && _sessions.All(static s => !s.IsInRound))
            {
                _shared.Begin(shared, _model.PartCount, _model.Values(shared, _model.PartCount, _newest.Values.AsSpan()),
                    _shared.StepsBefore + _shared.StepsOfRound);
            }

            var split = _shared?.First ?? (_splits.TryGetValue(session.Device, out var planned) ? planned : _split ?? session.Wish);
            training++;
            Give(session, session.Begin(_newest, split, _options.SharesLayers));
        }
    }
}
