using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

/// <summary>Dense layers and tanh, trained by Adam on given gradients.</summary>
internal sealed class LearnedFunction
{
    private readonly Adam _optimizer;
    private readonly float[] _weights;
    private readonly float[] _gradients;
    private readonly float[] _state;
    private readonly Tape _tape = new();
    private long _step;

    internal LearnedFunction(
        int inputs, ImmutableArray<int> hidden, int outputs, bool isShare, float learningRate, long seed, Schedule? schedule = null)
    {
        var layers = hidden.SelectMany(static values => new Layer[] { new Dense(values), new Tanh() });
        var head = isShare ? new Sequential(new Dense(outputs), new Sigmoid()) : new Sequential(new Dense(outputs));
        ImmutableArray<Layer> trunk = hidden.IsEmpty ? [new Flatten()] : [.. layers];
        Network = new(new(inputs), outputs, trunk, [new(trunk.Length - 1, head)], seed, objective: new GivenGradient());
        _optimizer = new(learningRate) { Schedule = schedule ?? Schedule.Constant };
        _weights = [.. Network.Initial.Values];
        (_gradients, _state) = (new float[_weights.Length], new float[2 * _weights.Length]);
    }

    internal Network Network { get; }

    internal Weights Weights => new()
    {
        Version = _step,
        SchemaHash = Network.Plan.SchemaHash,
        Values = ImmutableCollectionsMarshal.AsImmutableArray((float[])_weights.Clone()),
    };

    /// <summary>Keeps the optimizer's state.</summary>
    internal void CopyFrom(LearnedFunction other) => other._weights.CopyTo(_weights, 0);

    /// <summary>Valid until the next call.</summary>
    internal ReadOnlySpan<float> Of(ReadOnlySpan<float> inputs, int rows)
    {
        Network.Forward(_weights, 0, Network.Layers.Length, inputs, rows, _tape);
        return _tape.Scores(0);
    }

    /// <summary>Moves the function; the gradient counts as the mean over the rows.</summary>
    internal void Move(ReadOnlySpan<float> outputGradients)
    {
        _gradients.AsSpan().Clear();
        Network.ExitLosses(_tape, new Sample([], _tape.Rows) { Targets = outputGradients });
        Network.Backward(_weights, _tape, [], _gradients, []);
        _optimizer.Step(Network.Plan, _weights, _gradients, _state, ++_step);
    }
}
