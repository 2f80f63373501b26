namespace StreamLearn.Models;

/// <content>Inference of some of the layers.</content>
public sealed partial class Network
{
    /// <summary>Runs layers [from, to) as inference: what they give for a row depends on that row alone, and nothing is kept. Exits are
    /// left out. Of one part after another the last has the bits that all layers at once have.</summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer after the last one; <paramref name="from"/>: the inputs are the outputs.</param>
    /// <param name="inputs">Activations at boundary <paramref name="from"/>, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Activations at boundary <paramref name="to"/>, <c>[rows, boundary]</c>.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    /// <exception cref="ArgumentException">The range is not one of the network, or a span has another length.</exception>
    public void InferLayers(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, Span<float> outputs,
        Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        CheckRange(from, to);
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        NetworkLayout.Expect(rows * Boundaries[from].Size, inputs.Length, "inputs");
        NetworkLayout.Expect(rows * Boundaries[to].Size, outputs.Length, "outputs");
        _passes.Trunk(weights, from, to, inputs, rows, outputs, memory);
    }

    /// <summary>What the last exit answers from the end of the trunk, as <see cref="Infer"/> gives it.</summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="activations">Activations after the last layer, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">The answers, <c>[rows, outputs]</c>.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void InferEnd(ReadOnlySpan<float> weights, ReadOnlySpan<float> activations, int rows, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        NetworkLayout.Expect(rows * Boundaries[^1].Size, activations.Length, "activations");
        NetworkLayout.Expect(rows * Plan.Outputs, outputs.Length, "outputs");
        _passes.Head(weights, Exits.Length - 1, activations, rows, outputs, memory);
        Objective.Answer(outputs, rows);
    }
}
