namespace StreamLearn.Nodes;

/// <summary>A double deep Q-network agent with experience replay and a target network.</summary>
/// <remarks>An action is one value: its number. The loss is half the squared distance. Deterministic by seed. Source: Mnih et al. (2015);
/// van Hasselt, Guez, Silver (2016).</remarks>
internal sealed class DqnAgent : Agent
{
    private readonly DqnSettings _settings;
    private readonly LearnedFunction _values;
    private readonly LearnedFunction _target;
    private readonly RandomStream _random;
    private readonly int _states;
    private readonly int _actions;
    private readonly float[] _from;             // [replay, states]
    private readonly float[] _to;               // [replay, states]
    private readonly int[] _taken;              // [replay]
    private readonly float[] _rewards;          // [replay]
    private readonly bool[] _ends;              // [replay]
    private readonly int[] _drawn;              // [batch], indexes in the replay
    private readonly int[] _next;               // [batch], the best action of the next state
    private readonly float[] _rows;             // [batch, states]
    private readonly float[] _worth;            // [batch]
    private readonly float[] _gradients;        // [batch, actions]
    private int _steps;

    public DqnAgent(int stateValues, int actions, long seed, DqnSettings? settings = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stateValues, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(actions, 2);
        (_settings, _states, _actions) = (settings ?? new(), stateValues, actions);
        var rates = Schedule.Cosine(Math.Max(1, _settings.MaxSteps / _settings.StepsPerUpdate), _settings.FinalRateShare);
        _values = new(stateValues, _settings.Hidden, actions, isShare: false, _settings.LearningRate, seed, rates);
        _target = new(stateValues, _settings.Hidden, actions, isShare: false, _settings.LearningRate, seed);
        _random = new(seed, "dqn-steps");
        var (replay, batch) = (_settings.ReplaySteps, _settings.BatchSteps);
        (_from, _to, _taken) = (new float[replay * _states], new float[replay * _states], new int[replay]);
        (_rewards, _ends, _drawn, _next) = (new float[replay], new bool[replay], new int[batch], new int[batch]);
        (_rows, _worth, _gradients) = (new float[batch * _states], new float[batch], new float[batch * _actions]);
    }

    public int Updates { get; private set; }

    public override bool IsDone => _steps >= _settings.MaxSteps;

    public Policy Policy => new(_values.Network, _values.Weights);

    public int BestAction(ReadOnlySpan<float> state)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(state.Length, _states);
        return Largest(_values.Of(state, 1));
    }

    public override void Act(ReadOnlySpan<float> state, Span<float> action)
    {
        var place = _steps % _settings.ReplaySteps;
        state.CopyTo(_from.AsSpan(place * _states, _states));
        _taken[place] = _random.NextDouble() < _settings.ExplorationAfter(_steps) ? _random.NextInt32(_actions) : BestAction(state);
        action[0] = _taken[place];
    }

    public override void Learn(double reward, ReadOnlySpan<float> next, bool hasEnded)
    {
        var place = _steps % _settings.ReplaySteps;
        (_rewards[place], _ends[place]) = ((float)reward, hasEnded);
        next.CopyTo(_to.AsSpan(place * _states, _states));
        _steps++;
        if (_steps < _settings.BatchSteps || _steps % _settings.StepsPerUpdate != 0) { return; }
        Improve();
        if (++Updates % _settings.UpdatesPerCopy == 0) { _target.CopyFrom(_values); }
    }

    /// <summary>The network chooses the next action, and the target network gives its value.</summary>
    private void Improve()
    {
        var rows = _drawn.Length;
        foreach (ref var drawn in _drawn.AsSpan()) { drawn = _random.NextInt32(Math.Min(_steps, _settings.ReplaySteps)); }
        Gather(_to);
        var values = _values.Of(_rows, rows);
        for (var i = 0; i < rows; i++) { _next[i] = Largest(values.Slice(i * _actions, _actions)); }
        values = _target.Of(_rows, rows);
        for (var i = 0; i < rows; i++)
        {
            var later = _ends[_drawn[i]] ? 0 : _settings.Discount * values[(i * _actions) + _next[i]];
            _worth[i] = (float)(_rewards[_drawn[i]] + later);
        }

        Gather(_from);
        values = _values.Of(_rows, rows);
        _gradients.AsSpan().Clear();
        for (var i = 0; i < rows; i++)
        {
            var at = (i * _actions) + _taken[_drawn[i]];
            _gradients[at] = values[at] - _worth[i];
        }

        _values.Move(_gradients);
    }

    private void Gather(float[] states)
    {
        for (var i = 0; i < _drawn.Length; i++) { states.AsSpan(_drawn[i] * _states, _states).CopyTo(_rows.AsSpan(i * _states)); }
    }

    private static int Largest(ReadOnlySpan<float> values)
    {
        var largest = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[largest]) { largest = i; }
        }

        return largest;
    }
}
