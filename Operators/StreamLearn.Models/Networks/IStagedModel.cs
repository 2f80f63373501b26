namespace StreamLearn.Models;

/// <summary>A model with early exits: a trunk in parts, each followed by an exit's head. The last exit is its end.</summary>
/// <remarks>Exits count from 0. The model's answer is the last exit's.</remarks>
public interface IStagedModel : IModel
{
    /// <summary>Number of exits, at least 1.</summary>
    int ExitCount { get; }

    /// <summary>Multiply-adds to exit e: the trunk up to there and heads 0 to e. Rising.</summary>
    ImmutableArray<long> MultiplyAddsTo { get; }

    /// <summary>Returns the shape of a row before an exit's head.</summary>
    /// <param name="exit">The exit.</param>
    Shape BoundaryAt(int exit);

    /// <summary>Infers the trunk from the previous exit, or the inputs, to an exit.</summary>
    /// <param name="exit">The exit.</param>
    /// <param name="weights">All values.</param>
    /// <param name="inputs">Inputs of the part, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Written: inputs of the head, <c>[rows, boundary]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    void Trunk(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory);

    /// <summary>Infers the head of an exit.</summary>
    /// <param name="exit">The exit.</param>
    /// <param name="weights">All values.</param>
    /// <param name="activations">Inputs of the head, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="logits">Written: scores, <c>[rows, classes]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    void Head(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> activations, int rows, Span<float> logits, Workspace memory);
}
