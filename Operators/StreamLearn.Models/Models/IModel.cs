namespace StreamLearn.Models;

/// <summary>A model that can be trained and asked: immutable structure; weights, gradients and memory are arguments.</summary>
/// <remarks>
/// Two models are equal when they have the same structure and the same initial weights; a pipeline compares and prints them by value.
/// </remarks>
public interface IModel
{
    /// <summary>Input, outputs, slices and work.</summary>
    ModelPlan Plan { get; }

    /// <summary>What it is, in one line; default <see cref="object.ToString"/>.</summary>
    string Structure => ToString() ?? "";

    /// <summary>Version 0: seeded at construction.</summary>
    Weights Initial { get; }

    /// <summary>
    /// Computes the mean loss of rows and its gradient. The gradient is overwritten; its statistic slices receive the new statistics.
    /// </summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="batch">At least one row, with what the model learns from: a label or a target each, or nothing.</param>
    /// <param name="gradients">As many values as the model has.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    /// <exception cref="ArgumentException">There is no row, or the rows have not what the model learns from.</exception>
    float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory);

    /// <summary>
    /// Computes answers: class probabilities, or what else the model gives, such as values. A row's result does not depend on its
    /// neighbors.
    /// </summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="batch">Rows; labels are not looked at.</param>
    /// <param name="outputs">Answers, <c>[rows, outputs]</c>.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory);

    /// <summary>Answers with a version that stays in use for many calls: a model may keep what it made of it.</summary>
    /// <param name="version">The version.</param>
    /// <param name="values">Its values, where kernels read them fastest.</param>
    /// <param name="batch">Rows; labels are not looked at.</param>
    /// <param name="outputs">Answers, <c>[rows, outputs]</c>.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    void Infer(Weights version, ReadOnlySpan<float> values, in Sample batch, Span<float> outputs, Workspace memory) =>
        Infer(values, batch, outputs, memory);

    /// <summary>Threads that can share the work of a training step: 2, or 1 (default), where a second one would have nothing to
    /// do.</summary>
    int MaxThreads => 1;

    /// <summary>How model files name it, for models that this library does not define; null (default): they cannot, or it does.</summary>
    NamedForm? Form => null;

    /// <summary>Tells what memory a training step and inference take; null (default): it is not known.</summary>
    /// <param name="rows">Rows of a batch, at least 1.</param>
    /// <param name="optimizer">What moves the values; null counts nothing for it.</param>
    /// <param name="threads">Threads of a training step, 1 or 2; default 1.</param>
    MemoryPlan? Memory(int rows, Optimizer? optimizer = null, int threads = 1) => null;

    /// <summary>
    /// Takes one training step: moves the trained values against the gradient of the mean loss, and replaces the statistics. A loss that
    /// is not finite changes nothing.
    /// </summary>
    /// <remarks>The bits are those of <see cref="Loss"/> followed by <see cref="Optimizer.Step"/>.</remarks>
    /// <param name="weights">All values of the model.</param>
    /// <param name="batch">At least one row, with what the model learns from.</param>
    /// <param name="optimizer">Moves the values.</param>
    /// <param name="state">What the optimizer remembers.</param>
    /// <param name="step">Number of the step since the state was zeros, from 1.</param>
    /// <param name="gradients">Memory for as many values as the model has; of undefined content on return.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
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
