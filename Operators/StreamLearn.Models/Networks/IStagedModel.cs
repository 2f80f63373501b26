using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>
/// A model that can answer before its end: a trunk in as many parts as it has exits, and a head after each part. The last exit is its end.
/// </summary>
/// <remarks>Exits are counted from 0. Its answer as a whole is that of the last one.</remarks>
public interface IStagedModel : IModel
{
    /// <summary>Exits, at least 1.</summary>
    int ExitCount { get; }

    /// <summary>[e] is the multiply-adds of a row that leaves at exit e: the trunk up to there and the heads 0 to e. Rising.</summary>
    ImmutableArray<long> MultiplyAddsTo { get; }

    /// <summary>The shape of a row where an exit's head takes it.</summary>
    /// <param name="exit">The exit.</param>
    Shape BoundaryAt(int exit);

    /// <summary>Inference of the part of the trunk between the exit before, or the inputs, and an exit.</summary>
    /// <param name="exit">The exit.</param>
    /// <param name="weights">All values of the model.</param>
    /// <param name="inputs">Rows as the part takes them, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Rows as the exit's head takes them, <c>[rows, boundary]</c>.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    void Trunk(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory);

    /// <summary>Inference of the head of an exit.</summary>
    /// <param name="exit">The exit.</param>
    /// <param name="weights">All values of the model.</param>
    /// <param name="activations">Rows as the head takes them, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="logits">Scores, <c>[rows, classes]</c>.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    void Head(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> activations, int rows, Span<float> logits, Workspace memory);
}
