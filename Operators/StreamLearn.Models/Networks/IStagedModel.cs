namespace StreamLearn.Models;

/// <summary>A model with early exits: a trunk in parts, each followed by the head of an exit. The last exit is its end.</summary>
/// <remarks>Exits count from 0. The model's answer is that of the last exit.</remarks>
public interface IStagedModel : IModel
{
    /// <summary>Number of exits, at least 1.</summary>
    int ExitCount { get; }

    /// <summary>Number of multiply-adds to exit e: the trunk up to that exit and heads 0 to e. It rises with e.</summary>
    ImmutableArray<long> MultiplyAddsTo { get; }

    /// <summary>Returns the shape of a row before an exit's head.</summary>
    Shape BoundaryAt(int exit);

    /// <summary>Runs inference on the trunk from the previous exit, or from the inputs, to an exit.</summary>
    /// <param name="exit">The exit.</param>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="inputs">Inputs of the part, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Written: inputs of the head, <c>[rows, boundary]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    void Trunk(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory);

    /// <summary>Runs inference on the head of an exit.</summary>
    /// <param name="exit">The exit.</param>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="activations">Inputs of the head, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="logits">Written: scores, <c>[rows, classes]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    void Head(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> activations, int rows, Span<float> logits, Workspace memory);
}
