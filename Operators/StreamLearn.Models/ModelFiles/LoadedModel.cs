namespace StreamLearn.Models;

/// <summary>Content of a model file.</summary>
/// <param name="Model">The structure with objective, columns and seed: a <see cref="Network"/>, <see cref="LinearModel"/>,
/// <see cref="KMeans"/> or <see cref="SoftmaxRegression"/>; the expected model if the file contains only its name.</param>
/// <param name="Weights">The values, their version, and the moments of the scale.</param>
/// <param name="Card">Labels, units, exits and provenance.</param>
public sealed record LoadedModel(IModel Model, Weights Weights, ModelCard Card);
