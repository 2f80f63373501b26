using System.Collections.Immutable;
using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <content>The loss and the gradient of a step, and answers.</content>
public sealed partial class TorchModel
{
    /// <inheritdoc />
    public int ExitCount => _exits.Length;

    /// <inheritdoc />
    public ImmutableArray<long> MultiplyAddsTo { get; }

    /// <inheritdoc />
    public Shape BoundaryAt(int exit) => ShapeAt(_exits[exit] + 1);

    /// <summary>Estimates the memory of a step and of inference, because libtorch allocates dynamically.</summary>
    /// <param name="rows">Rows per batch, at least 1.</param>
    /// <param name="optimizer">The optimizer; null: its memory is not counted.</param>
    /// <param name="threads">Threads in a training step; this model uses one.</param>
    public MemoryPlan Memory(int rows, Optimizer? optimizer = null, int threads = 1)
    {
        var row = _options.ActivationBytes > 0 ? _options.ActivationBytes : 8 * (_probe.InnerValues + (4L * Plan.Input.Size));
        return new(Plan, $"torch {_name}", rows, optimizer, rows * row, (2 * Plan.ParameterBytes) + (4L * rows * Plan.Outputs),
            Plan.ParameterBytes + (Math.Min(rows, RowsAtOnce) * row));
    }

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
            if (batch.Rows < _probe.MinRows)        // batch normalization cannot learn from one row, and keeps its averages
            {
                replica.Load(weights, ..);
                replica.Begin();
            }

            replica.Gradients(gradients, ..);
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
    public void Trunk(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        var (from, to) = (exit == 0 ? 0 : _exits[exit - 1] + 1, _exits[exit] + 1);
        Run(from, to, weights, inputs, from, rows, outputs, (parts, x) => parts.Trunk(from, to, x));
    }

    /// <inheritdoc />
    public void Head(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> activations, int rows, Span<float> logits, Workspace memory)
    {
        var part = _exits[exit];
        Run(part, part + 1, weights, activations, part + 1, rows, logits, (parts, x) => parts.Head(part, x));
    }

    private void Run(int from, int to, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int boundary, int rows, Span<float> outputs,
        Func<TorchParts, Tensor, Tensor> run)
    {
        var replica = _replicas.Rent(training: false);
        replica.Load(weights, RangeOf(from, to));
        using (NewDisposeScope())
        using (no_grad())
        {
            set_num_threads(_options.Threads);
            TorchReplica.Take(run(replica.Parts, replica.Rows(inputs, _probe.Boundaries[boundary], rows, rows)), outputs);
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
            var features = batch.Features.Slice(from * Plan.Input.Size, rows * Plan.Input.Size);
            var x = replica.Parts.Trunk(0, PartCount, replica.Rows(features, _probe.Boundaries[0], rows, rows));
            var scores = outputs.Slice(from * Plan.Outputs, rows * Plan.Outputs);
            var answers = replica.Parts.Head(PartCount - 1, x);
            RequireShape(answers, rows);
            TorchReplica.Take(answers, scores);
            Objective.Answer(scores, rows);
        }

        _replicas.Return(replica, training: false);
    }

    private void RequireShape(Tensor scores, int rows)
    {
        if (scores.shape is [var got, var width] && got == rows && width == Plan.Outputs) { return; }
        throw new InvalidOperationException(
            $"{_name}: expected scores [{rows}, {Plan.Outputs}] of {rows} rows, got [{string.Join(", ", scores.shape)}]");
    }

    /// <summary>Runs forward and backward; there is no backward pass if the loss is not finite.</summary>
    private float Pass(TorchReplica replica, in Sample batch, Workspace memory)
    {
        using var scope = NewDisposeScope();
        using var normal = inference_mode(false);       // overrides the caller's inference mode
        using var graph = enable_grad();
        TorchCalls.Seed(_options.Seed, batch.Number, _options.Threads);
        var padded = Math.Max(batch.Rows, _probe.MinRows);
        var input = replica.Rows(batch.Features, _probe.Boundaries[0], batch.Rows, padded);
        var (_, scores) = replica.Parts.Forward(0, PartCount, input);
        var gradients = new Tensor[scores.Count];
        double loss = 0;
        for (var exit = 0; exit < gradients.Length; exit++)
        {
            RequireShape(scores[exit], padded);
            var mark = memory.Mark();
            var values = memory.Rent(batch.Rows * Plan.Outputs);
            TorchReplica.Take(scores[exit].narrow(0, 0, batch.Rows), values);
            var sum = Objective.WeightedGradient(values, batch);
            var factor = _lossWeights[exit] / batch.Rows;
            foreach (ref var value in values) { value *= factor; }
            loss += _lossWeights[exit] * sum / batch.Rows;
            gradients[exit] = zeros(scores[exit].shape, device: scores[exit].device);
            TorchReplica.Put(values, gradients[exit].narrow(0, 0, batch.Rows));
            memory.Release(mark);
        }

        if (double.IsFinite(loss)) { autograd.backward([.. scores], gradients); }
        return (float)loss;
    }
}
