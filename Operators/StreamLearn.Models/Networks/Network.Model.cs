namespace StreamLearn.Models;

/// <content>The network as a model: loss, step and inference.</content>
public sealed partial class Network
{
    private const int RowsAtOnce = 32;      // rows per inference call, to limit memory and stay in the cache

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        gradients.Clear();
        double loss = 0;
        for (var from = 0; from < batch.Rows; from += RowsOfTape)
        {
            var some = batch.Slice(from, Math.Min(batch.Rows - from, RowsOfTape), Plan);
            loss += Forward(weights, some, batch.Rows, memory.Tape);
            _passes.Backward(weights, memory.Tape, [], gradients, [], default, some.Features);
        }

        return (float)loss;
    }

    /// <inheritdoc />
    public float Step(Span<float> weights, in Sample batch, Optimizer optimizer, Span<float> state, long step, Span<float> gradients,
        Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(memory);
        optimizer.Check(Plan, state.Length, step);
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        float loss;
        if (optimizer.FusedUpdate is var (rate, momentum) && batch.Rows <= RowsOfTape)
        {
            loss = (float)Forward(weights, batch, batch.Rows, memory.Tape);
            if (!float.IsFinite(loss)) { return loss; }
            _passes.Backward(weights, memory.Tape, [], gradients, [],
                new() { Weights = weights, Velocity = momentum == 0 ? [] : state, Rate = rate, Momentum = momentum }, batch.Features);
        }
        else
        {
            loss = Loss(weights, batch, gradients, memory);
            if (!float.IsFinite(loss)) { return loss; }
            optimizer.Step(Plan, weights, gradients, state, step);
        }

        Plan.Renew(gradients, weights);
        return loss;
    }

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireAnswer(batch, weights.Length, outputs.Length);
        var mark = memory.Mark();
        _ = memory.Rent(InferenceValues(batch.Rows));       // one block, rented again below
        memory.Release(mark);
        var activations = memory.Rent(Math.Min(batch.Rows, RowsAtOnce) * Boundaries[^1].Size);
        for (var from = 0; from < batch.Rows; from += RowsAtOnce)
        {
            var rows = Math.Min(batch.Rows - from, RowsAtOnce);
            var features = batch.Features.Slice(from * Plan.Input.Size, rows * Plan.Input.Size);
            var scores = outputs.Slice(from * Plan.Outputs, rows * Plan.Outputs);
            _passes.Trunk(weights, 0, Layers.Length, features, rows, activations, memory);
            _passes.Head(weights, Exits.Length - 1, activations[..(rows * Boundaries[^1].Size)], rows, scores, memory);
            Objective.Answer(scores, rows);
        }

        memory.Release(mark);
    }

    internal int InferenceValues(int rows)
    {
        rows = Math.Min(rows, RowsAtOnce);
        var trunk = (2 * rows * _trunk.Widest(0, Layers.Length)) + _trunk.Scratch(0, Layers.Length, rows);
        return checked(Vectors.Widen(rows * Boundaries[^1].Size) + Math.Max(trunk, _layout.Heads[^1].Scratch(rows)));
    }

    private double Forward(ReadOnlySpan<float> weights, in Sample batch, int rowsOfBatch, Tape tape)
    {
        var inputs = batch.Features[..(batch.Rows * Plan.Input.Size)];
        _layout.Check(0, Layers.Length, batch.Rows, weights.Length, inputs.Length);
        tape.Number = batch.Number;
        tape.Begin(this, _layout.Step, batch.Rows);
        _passes.Forward(weights, inputs, tape);
        return ExitLosses(tape, batch, rowsOfBatch);
    }
}
