using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>Makes a smaller or faster model of a trained one.</summary>
/// <param name="model">The trained model; it stays as it is.</param>
/// <param name="rows">Rows that may be learned from, with their labels; never those that the result is scored on.</param>
/// <exception cref="NotSupportedException">There is no such form of the model; the message names the layer.</exception>
public delegate LoadedModel Compress(LoadedModel model, in Sample rows);

/// <summary>A way to compress a model, as tables name it.</summary>
/// <param name="Name">The name, such as <c>int8</c>.</param>
/// <param name="Make">Makes the compressed model.</param>
public sealed record CompressedVariant(string Name, Compress Make);
