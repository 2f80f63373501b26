namespace StreamLearn.Learning;

/// <summary>Weights, optimizer state and counts from when they were last known to be finite.</summary>
internal sealed class LastGood(ModelPlan plan, int stateValues)
{
    private readonly Memory<float> _weights = plan.Zeros();
    private readonly Memory<float> _state = plan.Zeros(stateValues);

    internal StepCounts Counts { get; private set; }

    internal void State(ref StateStream s)
    {
        s.Values(_weights.Span);
        s.Values(_state.Span);
        Counts = Counts.State(ref s);
    }

    /// <summary>Copies weights and state; if a value is not finite, returns false and keeps the earlier copy.</summary>
    internal bool Keep(ReadOnlySpan<float> weights, ReadOnlySpan<float> state, StepCounts counts)
    {
        if (!Finite.All(weights) || !Finite.All(state)) { return false; }
        weights.CopyTo(_weights.Span);
        state.CopyTo(_state.Span);
        Counts = counts;
        return true;
    }

    /// <summary>Restores both, but keeps the current scale, which depends on rows, not on steps.</summary>
    internal void Restore(Span<float> weights, Span<float> state)
    {
        foreach (var slice in plan.Slices)
        {
            if (slice.Name is ModelPlan.ScaleMean or ModelPlan.ScaleInverse) { continue; }
            slice.Of(_weights.Span).CopyTo(slice.Of(weights));
        }

        _state.Span.CopyTo(state);
    }
}

/// <summary>Counts of a round without rolled-back steps.</summary>
internal readonly record struct StepCounts(long Steps, long Visits, double Loss)
{
    internal StepCounts State(ref StateStream s)
    {
        var counts = new StepCounts(s.Value(Steps), s.Value(Visits), s.Value(Loss));
        return counts is { Steps: >= 0, Visits: >= 0 } ? counts : throw new StateException($"expected counts from 0, got {counts}");
    }

    internal StepCounts Plus(int rows, float loss) => new(Steps + 1, Visits + rows, Loss + loss);
}
