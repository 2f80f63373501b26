using System.CommandLine;
using StreamLearn.Compression;
using StreamLearn.Onnx;
using StreamLearn.Tables;

namespace Tool;

internal static class ModelSource
{
    internal const string Help = $"{ModelNames.Help}, or the path of a model file, also an ONNX file (.onnx)";

    /// <summary>Returns the problem with a name; null: valid.</summary>
    internal static string? Mismatch(string name) =>
        ModelNames.Find(name) is not null || File.Exists(name) ? null
            : Path.HasExtension(name) ? $"there is no file '{name}'" : $"expected {Help}, got '{name}'";

    internal static Argument<string> Argument(string description)
    {
        Argument<string> model = new("model") { Description = $"{description}: {Help}." };
        model.Check(Mismatch);
        return model;
    }

    /// <summary>Loads a model; returns null if the file was refused and an error written.</summary>
    internal static LoadedModel? Load(string name, TextWriter error)
    {
        if (ModelNames.Find(name) is { } network) { return new(network, network.Initial, ModelCard.Empty); }
        try
        {
            if (name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            {
                var imported = OnnxFile.Load(name);
                return new(imported.Network, imported.Weights, imported.Card);
            }

            using var stream = File.OpenRead(name);
            var loaded = ModelFile.Load(stream, null, CompressedValues.Code);
            CardKeys.Require(loaded.Card);
            return loaded;
        }
        catch (Exception problem) when (problem is ModelFormatException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"streamlearn: {name}: {problem.Message}");
            return null;
        }
    }
}
