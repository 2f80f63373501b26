using System.Collections.Immutable;
using StreamLearn.Models;
using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <content>A step's loss and gradient, and answers.</content>
public sealed partial class TorchModel
{
    /// <inheritdoc />
    public int ExitCount => _lossWeights.Length;

    /// <inheritdoc />
    public ImmutableArray<long> MultiplyAddsTo { get; }

    /// <inheritdoc />
    public Shape BoundaryAt(int exit) => _probe.Boundaries[exit] switch
    {
        [var features] => new((int)features),
        [var channels, var samples] => new((int)channels, (int)samples),
        var image => new((int)image[0], (int)image[1], (int)image[2]),
    };

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        lock (TorchCalls.Gate)
        {
            var replica = _replicas.Rent(training: true);
            replica.Load(weights, ..);
            replica.Begin();
            var loss = Pass(replica, batch, memory);
            replica.Gradients(gradients[..Plan.Values]);
            _replicas.Return(replica, training: true);
            return loss;
        }
    }

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        Plan.RequireAnswer(batch, weights.Length, outputs.Length);
        var replica = _replicas.Rent(training: false);
        replica.Load(weights, ..);
        Answer(replica, batch, outputs);
    }

    /// <inheritdoc />
    public void Infer(Weights version, ReadOnlySpan<float> values, in Sample batch, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(version);
        Plan.RequireAnswer(batch, values.Length, outputs.Length);
        var replica = _replicas.Rent(training: false, version);
        if (!ReferenceEquals(replica.Version, version))
        {
            replica.Load(values, ..);
            replica.Version = version;
        }

        Answer(replica, batch, outputs);
    }

    /// <inheritdoc />
    public void Trunk(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory) =>
        Part(exit, head: false, weights, inputs, exit == 0 ? _input : _probe.Boundaries[exit - 1], rows, outputs);

    /// <inheritdoc />
    public void Head(
        int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> activations, int rows, Span<float> logits, Workspace memory) =>
        Part(exit, head: true, weights, activations, _probe.Boundaries[exit], rows, logits);

    private void Part(int exit, bool head, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, long[] shape, int rows,
        Span<float> outputs)
    {
        var replica = _replicas.Rent(training: false);
        replica.Load(weights, _layout.Ranges[(2 * exit) + (head ? 1 : 0)]);
        using (NewDisposeScope())
        using (no_grad())
        {
            set_num_threads(_options.Threads);
            var size = inputs.Length / rows;
            for (var from = 0; from < rows; from += RowsAtOnce)
            {
                var some = Math.Min(rows - from, RowsAtOnce);
                var tensor = replica.Rows(inputs.Slice(from * size, some * size), shape, some, some);
                var given = head ? replica.Parts.Head(exit, tensor) : replica.Parts.Trunk(exit, tensor);
                TorchReplica.Take(given, outputs.Slice(from * (outputs.Length / rows), some * (outputs.Length / rows)));
            }
        }

        _replicas.Return(replica, training: false);
    }

    private void Answer(TorchReplica replica, in Sample batch, Span<float> outputs)
    {
        for (var from = 0; from < batch.Rows; from += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            using var still = no_grad();
            set_num_threads(_options.Threads);
            var rows = Math.Min(batch.Rows - from, RowsAtOnce);
            var x = replica.Rows(batch.Features.Slice(from * Plan.Input.Size, rows * Plan.Input.Size), _input, rows, rows);
            for (var exit = 0; exit < ExitCount; exit++) { x = replica.Parts.Trunk(exit, x); }
            var scores = outputs.Slice(from * Plan.Outputs, rows * Plan.Outputs);
            TorchReplica.Take(replica.Parts.Head(ExitCount - 1, x), scores);
            Objective.Answer(scores, rows);
        }

        _replicas.Return(replica, training: false);
    }

    /// <summary>Forward, the losses of the exits, and backward, unless the loss is not finite.</summary>
    private float Pass(TorchReplica replica, in Sample batch, Workspace memory)
    {
        using var scope = NewDisposeScope();
        TorchCalls.Seed(_options.Seed, batch.Number, _options.Threads);
        var padded = Math.Max(batch.Rows, _probe.MinRows);
        var scores = replica.Parts.Forward(replica.Rows(batch.Features, _input, batch.Rows, padded));
        var gradients = new Tensor[scores.Count];
        double loss = 0;
        for (var exit = 0; exit < gradients.Length; exit++)
        {
            var mark = memory.Mark();
            var values = memory.Rent(batch.Rows * Plan.Outputs);
            TorchReplica.Take(scores[exit].narrow(0, 0, batch.Rows), values);
            var sum = Objective.WeightedGradient(values, batch);
            var factor = _lossWeights[exit] / batch.Rows;
            foreach (ref var value in values) { value *= factor; }
            loss += _lossWeights[exit] * sum / batch.Rows;
            gradients[exit] = zeros_like(scores[exit]);
            TorchReplica.Put(values, gradients[exit].narrow(0, 0, batch.Rows));
            memory.Release(mark);
        }

        if (double.IsFinite(loss)) { autograd.backward([.. scores], gradients); }
        return (float)loss;
    }
}
