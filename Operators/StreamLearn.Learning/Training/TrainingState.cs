using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Weights in training, what the optimizer remembers of them, and the last good copy of both.</summary>
/// <remarks>
/// A step that failed is not applied. Weights that are not finite are replaced by the last ones that were, at most <see cref="KeepEvery"/>
/// steps old, as they are after a second failed step in a row; the steps since then are lost.
/// </remarks>
internal sealed class TrainingState(ModelPlan plan, int stateValues, ReadOnlySpan<float> first)
{
    /// <summary>Steps from one copy of the weights to the next.</summary>
    internal const int KeepEvery = 32;

    private readonly Memory<float> _weights = plan.Aligned(first);
    private readonly Memory<float> _optimizer = plan.Zeros(stateValues);
    private readonly LastGood _good = new(plan, stateValues);
    private readonly Slice? _mean = plan.Find(ModelPlan.ScaleMean);
    private readonly Slice? _inverse = plan.Find(ModelPlan.ScaleInverse);
    private int _failures;      // failed steps in a row

    /// <summary>The weights as learned so far.</summary>
    internal Span<float> Weights => _weights.Span;

    /// <summary>What the optimizer remembers, one array of all values after the other.</summary>
    internal Span<float> Optimizer => _optimizer.Span;

    /// <summary>What the steps have come to that the weights hold: applied, and not taken back.</summary>
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

    /// <summary>One of the values that the optimizer remembers of each weight.</summary>
    internal Span<float> OptimizerValues(int kind) => Optimizer.Slice(kind * _weights.Length, _weights.Length);

    /// <summary>Counts from zero.</summary>
    internal void Begin() => (Counts, _failures) = (default, 0);

    /// <summary>Counts from a number of steps on that were made elsewhere.</summary>
    internal void Continue(int steps) => (Counts, _failures) = (new(steps, 0, 0), 0);

    /// <summary>Keeps a copy. False if a value is not finite: the earlier copy stays.</summary>
    internal bool Keep() => _good.Keep(Weights, Optimizer, Counts);

    /// <summary>Counts a step that was applied, and keeps a copy when it is time for one.</summary>
    internal int Applied(int rows, float loss)
    {
        (Counts, _failures) = (Counts.Plus(rows, loss), 0);
        return Counts.Steps - _good.Counts.Steps >= KeepEvery && !Keep() ? Restore() : 0;
    }

    /// <summary>Counts a step that was not applied; goes back to the last good weights if these are not, or after two of them.</summary>
    internal int Failed() => ++_failures > 1 || !Finite.All(Weights) ? Restore() : 0;

    /// <summary>Goes back to the last good weights unless these are good and what the optimizer remembers is.</summary>
    internal int Mend() => Counts.Steps > _good.Counts.Steps && !(Finite.All(Weights) && Finite.All(Optimizer)) ? Restore() : 0;

    /// <summary>Goes back to the last good weights; the steps since then are lost.</summary>
    internal int Restore()
    {
        var lost = (int)(Counts.Steps - _good.Counts.Steps);
        _good.Restore(Weights, Optimizer);
        (Counts, _failures) = (_good.Counts, 0);
        return lost;
    }

    /// <summary>Scales the columns by moments of the device's own.</summary>
    internal void UseScale(RunningMoments own)
    {
        if (_mean is not { } mean || _inverse is not { } inverse) { return; }
        for (var c = 0; c < mean.Length; c++)
        {
            Weights[mean.Offset + c] = (float)own.Mean(c);
            Weights[inverse.Offset + c] = (float)own.Inverse(c);
        }
    }

    /// <summary>Lets the last layer begin anew: the trained slices that have its name.</summary>
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

    /// <summary>What the weights have changed by since the start, of statistics since the base; zeros if no step is held.</summary>
    internal float[] Change(ReadOnlySpan<float> start, ReadOnlySpan<float> statisticsBase)
    {
        var values = new float[_weights.Length];
        if (Counts.Steps > 0) { WeightChange.Subtract(plan, Weights, start, statisticsBase, values); }
        return values;
    }

    /// <summary>Forgets what was learned since some weights, and all that the optimizer remembers.</summary>
    internal void GoBackTo(ReadOnlySpan<float> weights)
    {
        Counts = default;
        weights.CopyTo(Weights);
        Optimizer.Clear();
    }
}
