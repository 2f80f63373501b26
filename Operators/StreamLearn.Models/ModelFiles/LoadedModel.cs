namespace StreamLearn.Models;

/// <summary>What a model file held.</summary>
/// <param name="Model">
/// The structure, with its objective, its columns and the seed of its initial values: a <see cref="Network"/>, <see cref="LinearModel"/>,
/// <see cref="KMeans"/> or <see cref="SoftmaxRegression"/>; the model that was expected, if its file only names it.
/// </param>
/// <param name="Weights">The values, their version, and the moments that the scale was made of.</param>
/// <param name="Card">Labels, units, exits and provenance.</param>
public sealed record LoadedModel(IModel Model, Weights Weights, ModelCard Card);
