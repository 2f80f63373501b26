namespace StreamLearn.Onnx;

/// <summary>A model of another tool, imported as a network.</summary>
/// <param name="Network">The structure; its only exit's head starts at the last layer with weights.</param>
/// <param name="Weights">The weights in the file, as version 0.</param>
/// <param name="Card">The file's author and its channel and class names; save it with the model.</param>
public sealed record ImportedNetwork(Network Network, Weights Weights, ModelCard Card);
