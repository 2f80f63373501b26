namespace StreamLearn.Models;

/// <summary>An immutable trainable model; weights, gradients and memory are arguments.</summary>
/// <remarks>Models are equal if their structure and initial weights are equal.</remarks>
public interface IModel
{
    /// <summary>Input, outputs, slices and work.</summary>
    ModelPlan Plan { get; }

    /// <summary>A description in one line; default <see cref="object.ToString"/>.</summary>
    string Structure => ToString() ?? "";

    /// <summary>Version 0, created from the seed at construction.</summary>
    Weights Initial { get; }

    /// <summary>Computes the mean loss and its gradient. The gradient's slices for statistics receive new statistics.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="batch">At least one row, with the model's targets.</param>
    /// <param name="gradients">Written: one per model value.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">Rows or their targets are missing.</exception>
    float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory);

    /// <summary>Computes answers, such as class probabilities. Rows are independent.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="batch">Rows; labels are ignored.</param>
    /// <param name="outputs">Written: answers, <c>[rows, outputs]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory);

    /// <summary>Computes answers with a version that is used for many calls, so that models can cache.</summary>
    /// <param name="version">The version.</param>
    /// <param name="values">The weights, aligned for the kernels.</param>
    /// <param name="batch">Rows; labels are ignored.</param>
    /// <param name="outputs">Written: answers, <c>[rows, outputs]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    void Infer(Weights version, ReadOnlySpan<float> values, in Sample batch, Span<float> outputs, Workspace memory) =>
        Infer(values, batch, outputs, memory);

    /// <summary>Maximum number of threads that a training step can use: 1 (default) or 2.</summary>
    int MaxThreads => 1;

    /// <summary>The name in model files for a model from outside this library; null (default): none.</summary>
    NamedForm? Form => null;

    /// <summary>Plans memory for training and inference; null (default): unknown.</summary>
    /// <param name="rows">Batch rows, at least 1.</param>
    /// <param name="optimizer">The optimizer; null: no state.</param>
    /// <param name="threads">Training threads, 1 or 2; default 1.</param>
    MemoryPlan? Memory(int rows, Optimizer? optimizer = null, int threads = 1) => null;

    /// <summary>Makes a training step on trained values and statistics. A non-finite loss changes nothing.</summary>
    /// <remarks>The bits are the same as those of <see cref="Loss"/> followed by <see cref="Optimizer.Step"/>.</remarks>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="batch">At least one row, with the model's targets.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="state">The state of the optimizer.</param>
    /// <param name="step">Number of the step since the state was zeros, from 1.</param>
    /// <param name="gradients">Scratch, one per value; undefined on return.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <returns>The loss before the step.</returns>
    float Step(Span<float> weights, in Sample batch, Optimizer optimizer, Span<float> state, long step, Span<float> gradients,
        Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        optimizer.Check(Plan, state.Length, step);
        var loss = Loss(weights, batch, gradients, memory);
        if (!float.IsFinite(loss)) { return loss; }
        optimizer.Step(Plan, weights, gradients, state, step);
        Plan.Renew(gradients, weights);
        return loss;
    }
}
