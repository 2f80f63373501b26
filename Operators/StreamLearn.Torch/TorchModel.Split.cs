using System.Collections.Immutable;
using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <content>The stages as parts of a split.</content>
public sealed partial class TorchModel
{
    /// <inheritdoc />
    public int PartCount => _work.Length;

    /// <inheritdoc />
    public Shape ShapeAt(int boundary) => _probe.Boundaries[boundary] switch
    {
        [var features] => new((int)features),
        [var channels, var samples] => new((int)channels, (int)samples),
        var image => new((int)image[0], (int)image[1], (int)image[2]),
    };

    /// <inheritdoc />
    public int PartOf(int exit) => _exits[exit];

    /// <inheritdoc />
    public ImmutableArray<Slice> Slices(int from, int to) =>
        [.. Plan.Slices.Where(s => s.Offset >= _layout.Starts[from] && s.Offset < _layout.Starts[to])];

    /// <inheritdoc />
    public long MultiplyAdds(int from, int to) => _work.AsSpan()[from..to].ToArray().Sum();

    /// <inheritdoc />
    public long BackwardMultiplyAdds(int from, int to) => 3 * MultiplyAdds(from, to);      // recomputes forward, then backward

    /// <inheritdoc />
    public long TapeBytes(int rows) =>
        4L * rows * (Enumerable.Range(0, PartCount + 1).Max(b => ShapeAt(b).Size) + (2L * ExitCount * Plan.Outputs));

    /// <inheritdoc />
    public float[] Values(int from, int to, ReadOnlySpan<float> weights) => weights[RangeOf(from, to)].ToArray();

    /// <inheritdoc />
    public void SetValues(int from, int to, ReadOnlySpan<float> part, Span<float> weights) => part.CopyTo(weights[RangeOf(from, to)]);

    /// <inheritdoc />
    public ISplitTape CreateTape() => new TorchTape(this);

    /// <inheritdoc />
    public void Forward(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, ISplitTape tape, bool pin)
    {
        var own = (TorchTape)tape;
        own.Begin(from, to, rows, inputs, pin ? weights : default);
        lock (TorchCalls.Gate)
        {
            var replica = _replicas.Rent(training: true);
            replica.Load(weights, RangeOf(from, to));
            using var scope = NewDisposeScope();
            using var still = no_grad();
            var (output, scores) = Again(replica, own, out _);
            if (to < PartCount) { own.SetOutputs(output.narrow(0, 0, rows)); }
            for (var i = 0; i < scores.Count; i++) { TorchReplica.Take(scores[i].narrow(0, 0, rows), own.ScoresOf(own.FirstExit + i)); }
            _replicas.Return(replica, training: true);
        }
    }

    /// <inheritdoc />
    public float ExitLosses(ISplitTape tape, in Sample batch)
    {
        var own = (TorchTape)tape;
        var loss = 0.0;
        for (var exit = own.FirstExit; exit < own.LastExit; exit++)
        {
            var gradients = own.GradientsOf(exit);
            own.ScoresOf(exit).CopyTo(gradients);
            loss += _lossWeights[exit] * Objective.WeightedGradient(gradients, batch) / batch.Rows;
            foreach (ref var gradient in gradients) { gradient *= _lossWeights[exit] / batch.Rows; }
        }

        return (float)loss;
    }

    /// <inheritdoc />
    public void Backward(ReadOnlySpan<float> weights, ISplitTape tape, ReadOnlySpan<float> outputGradients, Span<float> gradients,
        Span<float> inputGradients)
    {
        var own = (TorchTape)tape;
        if (weights.IsEmpty) { weights = own.Pinned; }
        lock (TorchCalls.Gate)
        {
            var replica = _replicas.Rent(training: true);
            replica.Load(weights, RangeOf(own.From, own.To));
            replica.Begin();
            using var scope = NewDisposeScope();
            var (output, scores) = Again(replica, own, out var input);
            List<(Tensor Root, Tensor Gradient)> roots = [];
            for (var i = 0; i < scores.Count; i++)
            {
                roots.Add((scores[i], Padded(scores[i], own.GradientsOf(own.FirstExit + i), own.Rows)));
            }

            if (!outputGradients.IsEmpty) { roots.Add((output, Padded(output, outputGradients, own.Rows))); }
            autograd.backward([.. roots.Select(static r => r.Root)], [.. roots.Select(static r => r.Gradient)]);
            replica.Gradients(gradients, RangeOf(own.From, own.To));
            if (!inputGradients.IsEmpty) { TorchReplica.Take(input.grad!.narrow(0, 0, own.Rows), inputGradients); }
            _replicas.Return(replica, training: true);
        }
    }

    /// <summary>Runs a part again, with the same random numbers as before.</summary>
    private (Tensor Output, List<Tensor> Scores) Again(TorchReplica replica, TorchTape tape, out Tensor input)
    {
        TorchCalls.Seed(_options.Seed + (7919L * tape.From), tape.Number, _options.Threads);
        var padded = Math.Max(tape.Rows, _probe.MinRows);
        input = replica.Rows(tape.Inputs, _probe.Boundaries[tape.From], tape.Rows, padded).requires_grad_(true);
        return replica.Parts.Forward(tape.From, tape.To, input);
    }

    private static Tensor Padded(Tensor like, ReadOnlySpan<float> values, int rows)
    {
        var gradient = zeros_like(like);
        TorchReplica.Put(values, gradient.narrow(0, 0, rows));
        return gradient;
    }

    private Range RangeOf(int from, int to) => _layout.Starts[from].._layout.Starts[to];
}
