namespace StreamLearn.Learning;

internal sealed class OnlineLearner(IModel model, Optimizer optimizer, Optimizer raised, RunningMoments scale, double fading)
{
    private readonly TrainingState _state = new(model.Plan, optimizer.StateValues, model.Initial.Values.AsSpan());
    private FadingMean _loss = FadingMean.Of(fading);

    internal ReadOnlySpan<float> Weights => _state.Weights;

    /// <summary>The mean loss, in which old rows fade; 0 before the first.</summary>
    internal double Loss => _loss.Mean;

    internal void State(ref StateStream s)
    {
        _state.State(ref s);
        _loss = _loss with { Sum = s.Value(_loss.Sum), Weight = s.Value(_loss.Weight) };
    }

    internal void StartFrom(OnlineLearner other)
    {
        _state.GoBackTo(other.Weights);
        _state.Keep();
        _loss = other._loss;
    }

    /// <summary>Call it before the first step, so that a rollback can restore the weights.</summary>
    internal void Keep() => _state.Keep();

    internal void Judge(double loss) => _loss = _loss.Add(loss);

    internal void UseScale() => _state.UseScale(scale);

    /// <summary><paramref name="isRaised"/>: true: uses the raised rate after a change.</summary>
    internal int Step(in Sample rows, bool isRaised, Span<float> gradients, Workspace memory)
    {
        var (mover, number) = (isRaised ? raised : optimizer, _state.Counts.Steps + 1);
        var loss = model.Step(_state.Weights, rows, mover, _state.Optimizer, number, gradients, memory);
        return float.IsFinite(loss) ? _state.Applied(rows.Rows, loss) : 1 + _state.Failed();
    }

    /// <summary>Restores the last good copy if weights or optimizer state are not finite; returns the number of lost steps.</summary>
    internal int Mend() => _state.Mend();

    internal void ResetHead() => _state.ResetHead(model.Initial.Values.AsSpan());
}
