namespace StreamLearn.Learning;

/// <summary>What a model file held.</summary>
/// <param name="Network">The structure, with its objective, its columns and the seed of its initial values.</param>
/// <param name="Weights">The values, their version, and the moments that the scale was made of.</param>
/// <param name="Card">Labels, units, exits and provenance.</param>
public sealed record LoadedModel(Network Network, Weights Weights, ModelCard Card);
