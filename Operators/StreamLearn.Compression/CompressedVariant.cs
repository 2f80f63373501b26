using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>Makes a smaller or faster model of a trained one.</summary>
/// <param name="model">The trained model; unchanged.</param>
/// <param name="rows">Labeled training rows, never the rows used for scoring.</param>
/// <exception cref="NotSupportedException">The model has no such form; the message names the layer.</exception>
public delegate LoadedModel Compress(LoadedModel model, in Sample rows);

/// <summary>A named compression method.</summary>
/// <param name="Name">The name in tables, such as <c>int8</c>.</param>
/// <param name="Make">Makes the compressed model.</param>
public sealed record CompressedVariant(string Name, Compress Make);
