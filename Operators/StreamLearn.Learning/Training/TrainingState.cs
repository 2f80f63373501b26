namespace StreamLearn.Learning;

/// <summary>Weights in training, optimizer state, and the last good copy of both.</summary>
/// <remarks>Failed steps are skipped. Non-finite weights, or two failures in a row, restore the last good copy, at most
/// <see cref="KeepEvery"/> steps old.</remarks>
internal sealed class TrainingState(ModelPlan plan, int stateValues, ReadOnlySpan<float> first)
{
    internal const int KeepEvery = 32;

    private readonly Memory<float> _weights = plan.Aligned(first);
    private readonly Memory<float> _optimizer = plan.Zeros(stateValues);
    private readonly LastGood _good = new(plan, stateValues);
    private readonly Slice? _mean = plan.Find(ModelPlan.ScaleMean);
    private readonly Slice? _inverse = plan.Find(ModelPlan.ScaleInverse);
    private int _failures;      // consecutive failed steps

    internal Span<float> Weights => _weights.Span;

    /// <summary>The state: one array of all values after another.</summary>
    internal Span<float> Optimizer => _optimizer.Span;

    /// <summary>Steps in the current weights, without those rolled back.</summary>
    internal StepCounts Counts { get; private set; }

    internal void State(ref StateStream s)
    {
        var schema = (ulong)s.Value((long)plan.SchemaHash);
        if (schema != plan.SchemaHash) { throw new StateException($"expected a model of schema {plan.SchemaHash:x}, got {schema:x}"); }
        s.Values(Weights);
        s.Values(Optimizer);
        Counts = Counts.State(ref s);
        s.Value(ref _failures, 0, 1);
        _good.State(ref s);
    }

    internal Span<float> OptimizerValues(int kind) => Optimizer.Slice(kind * _weights.Length, _weights.Length);

    internal void Begin() => (Counts, _failures) = (default, 0);

    internal void Continue(int steps) => (Counts, _failures) = (new(steps, 0, 0), 0);

    internal bool Keep() => _good.Keep(Weights, Optimizer, Counts);

    internal int Applied(int rows, float loss)
    {
        (Counts, _failures) = (Counts.Plus(rows, loss), 0);
        return Counts.Steps - _good.Counts.Steps >= KeepEvery && !Keep() ? Restore() : 0;
    }

    /// <summary>Counts a skipped step; restores the good copy if weights are not finite, or after two failures.</summary>
    internal int Failed() => ++_failures > 1 || !Finite.All(Weights) ? Restore() : 0;

    /// <summary>Restores the good copy unless weights and optimizer state are finite.</summary>
    internal int Mend() => Counts.Steps > _good.Counts.Steps && !(Finite.All(Weights) && Finite.All(Optimizer)) ? Restore() : 0;

    internal int Restore()
    {
        var lost = (int)(Counts.Steps - _good.Counts.Steps);
        _good.Restore(Weights, Optimizer);
        (Counts, _failures) = (_good.Counts, 0);
        return lost;
    }

    internal void UseScale(RunningMoments own)
    {
        if (_mean is not { } mean || _inverse is not { } inverse) { return; }
        for (var c = 0; c < mean.Length; c++)
        {
            Weights[mean.Offset + c] = (float)own.Mean(c);
            Weights[inverse.Offset + c] = (float)own.Inverse(c);
        }
    }

    internal void ResetHead(ReadOnlySpan<float> initial)
    {
        if (plan.Slices.LastOrDefault(static s => s.Kind == SliceKind.Trained) is not { } last) { return; }
        var layer = last.Name[..(last.Name.LastIndexOf('.') + 1)];
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained || !slice.Name.StartsWith(layer, StringComparison.Ordinal)) { continue; }
            slice.Of(initial).CopyTo(slice.Of(Weights));
            for (var kind = 0; kind < stateValues; kind++) { slice.Of(OptimizerValues(kind)).Clear(); }
        }
    }

    /// <summary>Returns the change since the start; for statistics, since the base; zeros without steps.</summary>
    internal float[] Change(ReadOnlySpan<float> start, ReadOnlySpan<float> statisticsBase)
    {
        var values = new float[_weights.Length];
        if (Counts.Steps > 0) { WeightChange.Subtract(plan, Weights, start, statisticsBase, values); }
        return values;
    }

    internal void GoBackTo(ReadOnlySpan<float> weights)
    {
        Counts = default;
        weights.CopyTo(Weights);
        Optimizer.Clear();
    }
}
