using System.Globalization;

namespace StreamLearn.Models;

/// <summary>Saves and loads models as safetensors files. A model from outside this library is stored by name (<see cref="NamedForm"/>);
/// loading it needs the model itself.</summary>
/// <remarks> Shape: eight bytes of header length, little-endian; the header, JSON padded with spaces, so that values begin at multiples of
/// 64 bytes; the values, float32, little-endian. Each slice is a tensor with the slice's name, in plan order. Weights with a following bias
/// are [inputs, outputs], or [channels, taps] if depthwise; centers are [centers, features]; everything else is flat. The header's
/// <c>__metadata__</c> holds strings: <c>format</c>, <c>graph</c>, <c>schema-hash</c>, <c>version</c>, <c>moments</c>, <c>channels</c>,
/// <c>labels</c>, <c>exit-rule</c>, <c>exit-plan</c>, <c>provenance</c>, <c>sha256</c> of the values, and <c>header-sha256</c> of the
/// header with zeros in place of these 64 digits. With a <c>code</c> the values are one byte tensor, see <see cref="IValueCode"/>. The same
/// model gives the same bytes. Directives and invitations are not saved. Source: the safetensors format (Hugging Face, 2022). </remarks>
public static partial class ModelFile
{
    /// <summary>Format of written files: <c>streamlearn/1</c>.</summary>
    public const string Format = "streamlearn/1";

    /// <summary>Maximum size of a header in bytes.</summary>
    public const int MaxHeaderBytes = 1 << 24;

    /// <summary>Maximum number of layers in a network, including nested layers and heads.</summary>
    public const int MaxLayers = 1 << 15;

    internal const int Alignment = 64;

    /// <summary>Precedes the 64 digits of the header hash; cannot occur in a string, where quotes are escaped.</summary>
    internal static ReadOnlySpan<byte> HashKey => "\"header-sha256\":\""u8;

    /// <summary>Writes a model at the current position of a stream.</summary>
    /// <param name="stream">The stream, which stays open.</param>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="card">Metadata; null: none.</param>
    /// <param name="code">Encoding of the values; null: float32.</param>
    /// <exception cref="ArgumentException">Weights or card do not fit, a value is not finite, or a part cannot be saved.</exception>
    public static void Save(Stream stream, IModel model, Weights weights, ModelCard? card = null, IValueCode? code = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        ModelFileWriter.Write(stream, model, weights, card ?? ModelCard.Empty, code);
    }

    /// <summary>Writes a model to bytes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="card">Metadata; null: none.</param>
    /// <exception cref="ArgumentException">Weights or card do not fit, a value is not finite, or a part cannot be saved.</exception>
    public static byte[] Save(IModel model, Weights weights, ModelCard? card = null)
    {
        using var stream = new MemoryStream();
        Save(stream, model, weights, card);
        return stream.ToArray();
    }

    /// <summary>Writes a model to a file atomically: see <see cref="SavedFile.Write"/>.</summary>
    /// <param name="path">The file, such as <c>valves.safetensors</c>; replaced if it exists.</param>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="card">Metadata; null: none.</param>
    /// <exception cref="ArgumentException">Weights or card do not fit, a value is not finite, or a part cannot be saved.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IModel model, Weights weights, ModelCard? card = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SavedFile.Write(path, stream => Save(stream, model, weights, card));
    }

    /// <summary>Reads a model from the current position of a stream to its end.</summary>
    /// <param name="stream">The stream, which stays open.</param>
    /// <param name="expected">The expected model, with any seed; null: any model.</param>
    /// <param name="codes">Accepted encodings in addition to float32; default none.</param>
    /// <exception cref="ModelFormatException">The file is invalid, damaged, or of another version, model or encoding.</exception>
    public static LoadedModel Load(Stream stream, IModel? expected = null, params ReadOnlySpan<IValueCode> codes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var loaded = ModelFileReader.Read(stream, expected, codes);
        if (expected is not null && loaded.Model.Plan.StructureHash != expected.Plan.StructureHash)
        {
            throw new ModelFormatException(
                $"expected a model of {expected.Structure} (schema hash {Hexadecimal(expected.Plan.StructureHash)}), got one of "
                    + $"{loaded.Model.Structure} (schema hash {Hexadecimal(loaded.Model.Plan.StructureHash)})");
        }

        return loaded;
    }

    /// <summary>Reads a model from bytes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="expected">The expected model, with any seed; null: any model.</param>
    /// <exception cref="ModelFormatException">The file is invalid, damaged, or of another version or model.</exception>
    public static LoadedModel Load(byte[] bytes, IModel? expected = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var stream = new MemoryStream(bytes, writable: false);
        return Load(stream, expected);
    }

    /// <summary>Reads a model from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">The expected model, with any seed; null: any model.</param>
    /// <exception cref="ModelFormatException">The file is invalid, damaged, or of another version or model.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static LoadedModel Load(string path, IModel? expected = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = File.OpenRead(path);
        return Load(stream, expected);
    }

    internal static string Hexadecimal(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    internal static ulong Hexadecimal(string text) =>
        text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash)
            ? hash
            : throw new ModelFormatException($"expected a schema hash of 16 hexadecimal digits, got '{text}'");

    internal static string? MismatchOf(ChannelMoments? moments, ModelPlan plan) =>
        moments is null || moments.Channels == plan.Input.Channels ? null
            : $"expected moments of {plan.Input.Channels} channels, got {moments.Channels}";
}
