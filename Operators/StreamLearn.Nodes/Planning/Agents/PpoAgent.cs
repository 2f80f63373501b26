namespace StreamLearn.Nodes;

/// <summary>A proximal policy optimization agent, with an actor for the mean of a normal distribution and a critic.</summary>
/// <remarks>Deterministic by seed, with any vector width. Source: Schulman et al. (2017); for the constants see
/// <see cref="PpoSettings"/>.</remarks>
internal sealed class PpoAgent : Agent
{
    private readonly PpoSettings _settings;
    private readonly LearnedFunction _actor;
    private readonly LearnedFunction _critic;
    private readonly RandomStream _random;
    private readonly int _states;
    private readonly int _actions;
    private readonly float[] _stateRows;            // [steps, states], for the next update
    private readonly float[] _actionRows;           // [steps, actions]
    private readonly float[] _gradients;            // [steps, actions]
    private readonly float[] _valueGradients;       // [steps]
    private readonly double[] _likelihoods;         // [steps], likelihoods of the actions when they were chosen
    private readonly double[] _returns;             // [steps], rewards before the update
    private readonly bool[] _ends;
    private int _steps;
    private double _deviation;

    public PpoAgent(int stateValues, int actionValues, long seed, PpoSettings? settings = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stateValues, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(actionValues, 1);
        _settings = settings ?? new();
        _settings.Check();
        (_states, _actions, _deviation) = (stateValues, actionValues, _settings.Deviation);
        var rows = _settings.UpdateSteps;
        _actor = new(_states, _settings.Hidden, _actions, isShare: true, _settings.LearningRate, 2 * seed);
        _critic = new(_states, _settings.Hidden, 1, isShare: false, _settings.LearningRate, (2 * seed) + 1);
        _random = new(seed, "ppo-actions");
        (_stateRows, _actionRows, _gradients) = (new float[rows * _states], new float[rows * _actions], new float[rows * _actions]);
        (_valueGradients, _likelihoods, _returns, _ends) = (new float[rows], new double[rows], new double[rows], new bool[rows]);
    }

    public int Updates { get; private set; }

    public override bool IsDone => Updates >= _settings.MaxUpdates;

    public Policy Policy => new(_actor.Network, _actor.Weights);

    public override void Act(ReadOnlySpan<float> state, Span<float> action)
    {
        state.CopyTo(_stateRows.AsSpan(_steps * _states, _states));
        var means = _actor.Of(state, 1);
        for (var i = 0; i < _actions; i++) { action[i] = (float)(means[i] + (_deviation * _random.NextGaussian())); }
        action.CopyTo(_actionRows.AsSpan(_steps * _actions, _actions));
        _likelihoods[_steps] = Likelihood(means, action);
    }

    public override void Learn(double reward, ReadOnlySpan<float> next, bool hasEnded)
    {
        (_returns[_steps], _ends[_steps]) = (reward, hasEnded);
        if (++_steps < _settings.UpdateSteps) { return; }
        ToReturns();
        for (var epoch = 0; epoch < _settings.Epochs; epoch++) { Improve(); }
        _steps = 0;
        _deviation = _settings.DeviationAfter(++Updates);
    }

    private void ToReturns()
    {
        var (sum, total, squares) = (0.0, 0.0, 0.0);
        for (var i = _steps - 1; i >= 0; i--)
        {
            sum = _returns[i] + (_ends[i] ? 0 : _settings.Discount * sum);
            _returns[i] = sum;
            total += sum;
        }

        var mean = total / _steps;
        foreach (var value in _returns) { squares += (value - mean) * (value - mean); }
        var deviation = Math.Sqrt(squares / (_steps - 1)) + 1e-5;
        foreach (ref var value in _returns.AsSpan()) { value = (value - mean) / deviation; }
    }

    private void Improve()
    {
        var values = _critic.Of(_stateRows, _steps);
        var means = _actor.Of(_stateRows, _steps);
        for (var i = 0; i < _steps; i++)
        {
            var mean = means.Slice(i * _actions, _actions);
            var action = _actionRows.AsSpan(i * _actions, _actions);
            var (advantage, ratio) = (_returns[i] - values[i], Math.Exp(Likelihood(mean, action) - _likelihoods[i]));
            var clipped = Math.Clamp(ratio, 1 - _settings.Clip, 1 + _settings.Clip);
            var slope = ratio * advantage <= clipped * advantage ? -advantage * ratio / (_deviation * _deviation) : 0;
            for (var a = 0; a < _actions; a++) { _gradients[(i * _actions) + a] = (float)(slope * (action[a] - mean[a])); }
            _valueGradients[i] = (float)(values[i] - _returns[i]);
        }

        _actor.Move(_gradients);
        _critic.Move(_valueGradients);
    }

    /// <summary>Returns the logarithm of the density up to a constant, which cancels in ratios.</summary>
    private double Likelihood(ReadOnlySpan<float> means, ReadOnlySpan<float> action)
    {
        var squares = 0.0;
        for (var i = 0; i < means.Length; i++)
        {
            var distance = (double)action[i] - means[i];
            squares += distance * distance;
        }

        return -squares / (2 * _deviation * _deviation);
    }
}
