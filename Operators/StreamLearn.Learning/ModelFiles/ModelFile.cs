using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamLearn.Learning;

/// <summary>
/// Models with their values as files that other programs can read, too: safetensors, with a header that says all that is needed to
/// build the model again: networks, linear models, k-means, softmax regressions.
/// </summary>
/// <remarks>
/// Shape: eight bytes of header length, little-endian; the header, JSON padded with spaces, so that values begin at a multiple of 64 bytes;
/// the values, float32, little-endian. A tensor for each slice, of its name, in the order of the plan; a weight with a
/// bias behind it is [inputs, outputs], or [channels, taps] of a depthwise convolution; centers are [centers, features]; everything else is
/// flat. The header's <c>__metadata__</c> holds texts: <c>format</c>, <c>graph</c>, <c>schema-hash</c>,
/// <c>version</c>, <c>moments</c>, <c>channels</c>, <c>labels</c>, <c>exit-rule</c>, <c>exit-plan</c>,
/// <c>provenance</c>, <c>sha256</c> of the values, and <c>header-sha256</c> of the header with zeros in place of these 64 digits. The same
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
    /// <exception cref="ArgumentException">
    /// Weights or card are not of this model, a value is not finite, or a model, layer or loss has no form in files.
    /// </exception>
    public static void Save(Stream stream, IModel model, Weights weights, ModelCard? card = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        card ??= ModelCard.Empty;
        Check(model, weights, card);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Chunks(weights, bytes => hash.AppendData(bytes));
        var header = Header(model, weights, card, Convert.ToHexStringLower(hash.GetCurrentHash()));
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        Chunks(weights, bytes => stream.Write(bytes));
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

    /// <summary>Reads a model from a stream, from where it stands to its end.</summary>
    /// <param name="stream">The stream; stays open.</param>
    /// <param name="expected">The model that it must be, whatever its seed; null: any.</param>
    /// <exception cref="ModelFormatException">It is no model file, damaged, of another version, or of another model.</exception>
    public static LoadedModel Load(Stream stream, IModel? expected = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var loaded = ModelFileReader.Read(stream);
        if (expected is not null && loaded.Model.Plan.SchemaHash != expected.Plan.SchemaHash)
        {
            throw new ModelFormatException($"expected a model of {expected} (schema hash {Hexadecimal(expected.Plan.SchemaHash)}), got one "
                + $"of {loaded.Model} (schema hash {Hexadecimal(loaded.Model.Plan.SchemaHash)})");
        }

        return loaded;
    }

    /// <summary>Reads a model from bytes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="expected">The model that it must be, whatever its seed; null: any.</param>
    /// <exception cref="ModelFormatException">It is no model file, damaged, of another version, or of another model.</exception>
    public static LoadedModel Load(byte[] bytes, IModel? expected = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var stream = new MemoryStream(bytes, writable: false);
        return Load(stream, expected);
    }

    internal static string Hexadecimal(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    internal static ulong Hexadecimal(string text) =>
        text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash)
            ? hash
            : throw new ModelFormatException($"expected a schema hash of 16 hexadecimal digits, got '{text}'");

    /// <summary>The shape of slice i as a tensor.</summary>
    internal static int[] ShapeOf(ModelPlan plan, int i)
    {
        var (name, length) = (plan.Slices[i].Name, plan.Slices[i].Length);
        if (name == KMeans.Centers) { return [plan.Outputs, length / plan.Outputs]; }
        if (i + 1 == plan.Slices.Length || !name.EndsWith(".weight", StringComparison.Ordinal)) { return [length]; }
        var (start, bias) = (name[..^"weight".Length], plan.Slices[i + 1]);
        if (bias.Name != $"{start}bias" || length % bias.Length != 0) { return [length]; }
        return start[(start[..^1].LastIndexOf('.') + 1)..^1] switch
        {
            "dense" or "conv1d" or "conv2d" => [length / bias.Length, bias.Length],
            "depthwise-conv1d" or "depthwise-conv2d" => [bias.Length, length / bias.Length],
            _ => [length],
        };
    }

    /// <summary>What is wrong with moments, in a sentence; null if nothing is.</summary>
    internal static string? MisfitOf(ChannelMoments? moments, ModelPlan plan) => moments is null || moments.Channels == plan.Input.Channels
        ? null : $"expected moments of {plan.Input.Channels} channels, got {moments.Channels}";

    private static void Check(IModel model, Weights weights, ModelCard card)
    {
        var plan = model.Plan;
        if (weights.SchemaHash != plan.SchemaHash || weights.Values.Length != plan.Values)
        {
            throw new ArgumentException(
                $"expected weights of {plan.Values} values of schema {Hexadecimal(plan.SchemaHash)}, got {weights.Values.Length} of schema "
                    + Hexadecimal(weights.SchemaHash), nameof(weights));
        }

        if (model is Network network && ModelGraph.Of(network).CountLayers() is > MaxLayers and var layers)
        {
            throw new ArgumentException($"expected a network of at most {MaxLayers} layers, got {layers}", nameof(model));
        }

        if (MisfitOf(weights.Scale, plan) is { } misfit) { throw new ArgumentException(misfit, nameof(weights)); }
        foreach (var slice in plan.Slices)
        {
            foreach (var value in slice.Of(weights.Values.AsSpan()))
            {
                if (!float.IsFinite(value))
                {
                    throw new ArgumentException($"expected finite values in {slice.Name}, got {value}", nameof(weights));
                }
            }
        }

        if (card.Misfit(model) is { } problem) { throw new ArgumentException(problem, nameof(card)); }
    }

    private static byte[] Header(IModel model, Weights weights, ModelCard card, string hash)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", Format);
            json.WriteString("header-sha256", new string('0', 2 * SHA256.HashSizeInBytes));
            json.WriteString("sha256", hash);
            json.WriteString("schema-hash", Hexadecimal(model.Plan.SchemaHash));
            json.WriteString("version", weights.Version.ToString(CultureInfo.InvariantCulture));
            json.WriteString("graph", ModelForm.Of(model).ToJson());
            if (weights.Scale is not null) { json.WriteString("moments", ModelCardText.OfMoments(weights.Scale)); }
            if (!card.Channels.IsEmpty) { json.WriteString("channels", ModelCardText.OfChannels(card.Channels)); }
            if (!card.Labels.IsEmpty) { json.WriteString("labels", ModelCardText.OfLabels(card.Labels)); }
            if (card.ExitRule is not null) { json.WriteString("exit-rule", ModelCardText.OfRule(card.ExitRule)); }
            if (card.ExitPlan is not null) { json.WriteString("exit-plan", ModelCardText.OfPlan(card.ExitPlan)); }
            if (!card.Provenance.IsEmpty) { json.WriteString("provenance", ModelCardText.OfProvenance(card.Provenance)); }
            json.WriteEndObject();
            WriteTensors(json, model.Plan);
            json.WriteEndObject();
        }

        while ((buffer.WrittenCount + 8) % Alignment != 0) { buffer.Write(" "u8); }
        var header = buffer.WrittenSpan.ToArray();
        if (header.Length > MaxHeaderBytes)
        {
            throw new ArgumentException($"expected a header of at most {MaxHeaderBytes} bytes, got {header.Length}", nameof(card));
        }

        var digits = header.AsSpan(header.AsSpan().IndexOf(HashKey) + HashKey.Length, 2 * SHA256.HashSizeInBytes);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(header)), digits);
        return header;
    }

    private static void WriteTensors(Utf8JsonWriter json, ModelPlan plan)
    {
        for (var i = 0; i < plan.Slices.Length; i++)
        {
            var slice = plan.Slices[i];
            json.WriteStartObject(slice.Name);
            json.WriteString("dtype", "F32");
            json.WriteStartArray("shape");
            foreach (var size in ShapeOf(plan, i)) { json.WriteNumberValue(size); }
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(4L * slice.Offset);
            json.WriteNumberValue(4L * (slice.Offset + slice.Length));
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    /// <summary>Hands over all values as little-endian bytes, piece after piece.</summary>
    private static void Chunks(Weights weights, Action<byte[]> take)
    {
        const int chunk = 1 << 14;
        for (var at = 0; at < weights.Values.Length; at += chunk)
        {
            var values = weights.Values.AsSpan()[at..Math.Min(at + chunk, weights.Values.Length)];
            var bytes = new byte[4 * values.Length];
            LittleEndian.Write(values, bytes);
            take(bytes);
        }
    }
}
