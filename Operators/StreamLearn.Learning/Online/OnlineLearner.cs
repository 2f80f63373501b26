using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>One of the learners that run side by side: weights that are moved at a rate of their own, over columns that are scaled by the
/// moments of a memory of its own, and how it has answered of late.</summary>
internal sealed class OnlineLearner(IModel model, Optimizer optimizer, Optimizer raised, RunningMoments scale, double fading)
{
    private readonly TrainingState _state = new(model.Plan, optimizer.StateValues, model.Initial.Values.AsSpan());
    private FadingMean _loss = FadingMean.Of(fading);

    internal ReadOnlySpan<float> Weights => _state.Weights;

    /// <summary>Mean loss of the rows of late; 0 before the first.</summary>
    internal double Loss => _loss.Mean;

    internal void State(ref StateStream s)
    {
        _state.State(ref s);
        _loss = _loss with { Sum = s.Value(_loss.Sum), Weight = s.Value(_loss.Weight) };
    }

    /// <summary>Starts from what another learner has learned, and from how it has answered.</summary>
    internal void StartFrom(OnlineLearner other)
    {
        _state.GoBackTo(other.Weights);
        _state.Keep();
        _loss = other._loss;
    }

    /// <summary>Copies weights before the first step, for one that fails.</summary>
    internal void Keep() => _state.Keep();

    internal void Judge(double loss) => _loss = _loss.Add(loss);

    internal void UseScale() => _state.UseScale(scale);

    /// <summary>Makes a step. <paramref name="isRaised"/> true: at the rate of the time after a change. <paramref name="gradients"/>:
    /// memory for as many values as the model has.</summary>
    internal int Step(in Sample rows, bool isRaised, Span<float> gradients, Workspace memory)
    {
        var (mover, number) = (isRaised ? raised : optimizer, _state.Counts.Steps + 1);
        var loss = model.Step(_state.Weights, rows, mover, _state.Optimizer, number, gradients, memory);
        return float.IsFinite(loss) ? _state.Applied(rows.Rows, loss) : 1 + _state.Failed();
    }

    /// <summary>Makes sure that its weights are finite.</summary>
    internal int Mend() => _state.Mend();

    /// <summary>Lets the last layer begin anew.</summary>
    internal void ResetHead() => _state.ResetHead(model.Initial.Values.AsSpan());
}
