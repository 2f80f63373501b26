using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>A small network that an agent learns: dense layers with tanh between them, moved by Adam along given gradients.</summary>
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

    /// <summary>The weights of now.</summary>
    internal Weights Weights => new()
    {
        Version = _step,
        SchemaHash = Network.Plan.SchemaHash,
        Values = ImmutableCollectionsMarshal.AsImmutableArray((float[])_weights.Clone()),
    };

    /// <summary>Takes the weights of another one of the same layers; what the optimizer remembers stays.</summary>
    internal void CopyFrom(LearnedFunction other) => other._weights.CopyTo(_weights, 0);

    /// <summary>Its outputs for some rows, valid until the next call.</summary>
    internal ReadOnlySpan<float> Of(ReadOnlySpan<float> inputs, int rows)
    {
        Network.Forward(_weights, 0, Network.Layers.Length, inputs, rows, _tape);
        return _tape.Scores(0);
    }

    /// <summary>Moves the weights by the gradients of the outputs of the last call, of each row; their mean over the rows counts.</summary>
    internal void Move(ReadOnlySpan<float> outputGradients)
    {
        _gradients.AsSpan().Clear();
        Network.ExitLosses(_tape, new Sample([], _tape.Rows) { Targets = outputGradients });
        Network.Backward(_weights, _tape, [], _gradients, []);
        _optimizer.Step(Network.Plan, _weights, _gradients, _state, ++_step);
    }
}
