using System.Globalization;

namespace StreamLearn.Models;

/// <summary>
/// Models with their values as files that other programs can read, too: safetensors, with a header that says all that is needed to
/// build the model again: networks, linear models, k-means, softmax regressions. Other models are named alone (<see cref="NamedForm"/>):
/// such a file is loaded with the model that it is of.
/// </summary>
/// <remarks>
/// Shape: eight bytes of header length, little-endian; the header, JSON padded with spaces, so that values begin at a multiple of 64 bytes;
/// the values, float32, little-endian. A tensor for each slice, of its name, in the order of the plan; a weight with a
/// bias after it is [inputs, outputs], or [channels, taps] of a depthwise convolution; centers are [centers, features]; everything else is
/// flat. The header's <c>__metadata__</c> holds texts: <c>format</c>, <c>graph</c>, <c>schema-hash</c>,
/// <c>version</c>, <c>moments</c>, <c>channels</c>, <c>labels</c>, <c>exit-rule</c>, <c>exit-plan</c>,
/// <c>provenance</c>, <c>sha256</c> of the values, and <c>header-sha256</c> of the header with zeros in place of these 64 digits. With a
/// <c>code</c> the values are one tensor of bytes in that form, <see cref="IValueCode"/>. The same
/// model gives the same bytes. Directives and invitations of the weights are for a moment and are not kept. Source: the safetensors format
/// (Hugging Face, 2022).
/// </remarks>
public static class ModelFile
{
    /// <summary>The form of files that are written: <c>streamlearn/1</c>.</summary>
    public const string Format = "streamlearn/1";

    /// <summary>Bytes that a header may have.</summary>
    public const int MaxHeaderBytes = 1 << 24;

    /// <summary>Layers that a network in a file may have, those inside of others and those of heads too.</summary>
    public const int MaxLayers = 1 << 15;

    internal const int Alignment = 64;

    /// <summary>What comes before the 64 digits of the header's own hash. Inside a text the quotes would have backslashes.</summary>
    internal static ReadOnlySpan<byte> HashKey => "\"header-sha256\":\""u8;

    /// <summary>Writes a model to a stream, from where it stands.</summary>
    /// <param name="stream">The stream; stays open.</param>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its values.</param>
    /// <param name="card">Labels, units, exits and provenance; null: nothing.</param>
    /// <param name="code">The form of the values; null: float32.</param>
    /// <exception cref="ArgumentException">
    /// Weights or card are not of this model, a value is not finite, or a model, layer or loss has no form in files.
    /// </exception>
    public static void Save(Stream stream, IModel model, Weights weights, ModelCard? card = null, IValueCode? code = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        ModelFileWriter.Write(stream, model, weights, card ?? ModelCard.Empty, code);
    }

    /// <summary>Writes a model to bytes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its values.</param>
    /// <param name="card">Labels, units, exits and provenance; null: nothing.</param>
    /// <exception cref="ArgumentException">
    /// Weights or card are not of this model, a value is not finite, or a model, layer or loss has no form in files.
    /// </exception>
    public static byte[] Save(IModel model, Weights weights, ModelCard? card = null)
    {
        using var stream = new MemoryStream();
        Save(stream, model, weights, card);
        return stream.ToArray();
    }

    /// <summary>Writes a model to a file, whole or not at all: see <see cref="SavedFile.Write"/>.</summary>
    /// <param name="path">The file, such as <c>valves.safetensors</c>; one that is there is replaced.</param>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its values.</param>
    /// <param name="card">Labels, units, exits and provenance; null: nothing.</param>
    /// <exception cref="ArgumentException">
    /// Weights or card are not of this model, a value is not finite, or a model, layer or loss has no form in files.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IModel model, Weights weights, ModelCard? card = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SavedFile.Write(path, stream => Save(stream, model, weights, card));
    }

    /// <summary>Reads a model from a stream, from where it stands to its end.</summary>
    /// <param name="stream">The stream; stays open.</param>
    /// <param name="expected">The model that it must be, whatever its seed; null: any.</param>
    /// <param name="codes">Forms in which the values may be, beside float32; none by default.</param>
    /// <exception cref="ModelFormatException">It is not a model file, damaged, of another version, in a form that is not given, or of
    /// another model.</exception>
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
    /// <param name="expected">The model that it must be, whatever its seed; null: any.</param>
    /// <exception cref="ModelFormatException">It is not a model file, damaged, of another version, or of another model.</exception>
    public static LoadedModel Load(byte[] bytes, IModel? expected = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var stream = new MemoryStream(bytes, writable: false);
        return Load(stream, expected);
    }

    /// <summary>Reads a model from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">The model that it must be, whatever its seed; null: any.</param>
    /// <exception cref="ModelFormatException">It is not a model file, damaged, of another version, or of another model.</exception>
    /// <exception cref="IOException">The file is not there, or cannot be read.</exception>
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

    /// <summary>What is wrong with moments, in a sentence; null if nothing is.</summary>
    internal static string? MisfitOf(ChannelMoments? moments, ModelPlan plan) => moments is null || moments.Channels == plan.Input.Channels
        ? null : $"expected moments of {plan.Input.Channels} channels, got {moments.Channels}";
}
