namespace StreamLearn.Models;

/// <content>Inference of some of the layers.</content>
public sealed partial class Network
{
    /// <summary>Infers layers [from, to), without exits. Running part after part gives the bits of one run.</summary>
    /// <param name="weights">All values.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer after the last; equal to <paramref name="from"/>: copies the inputs.</param>
    /// <param name="inputs">Activations at boundary <paramref name="from"/>, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Written: activations at boundary <paramref name="to"/>, <c>[rows, boundary]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">The range or a length is wrong.</exception>
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

    /// <summary>Computes answers from the trunk's end, as <see cref="Infer"/> does.</summary>
    /// <param name="weights">All values.</param>
    /// <param name="activations">Activations after the last layer, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Written: answers, <c>[rows, outputs]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
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
