using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>A model of another tool as a network.</summary>
/// <param name="Network">The structure; the last layer that has weights, and what comes after it, are the head of its only exit.</param>
/// <param name="Weights">The values of the file, as version 0.</param>
/// <param name="Card">Who wrote the file, and the names of channels and classes that it says; to be saved with the model.</param>
public sealed record ImportedNetwork(Network Network, Weights Weights, ModelCard Card);
