using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamLearn.Models;

internal static class ModelFileWriter
{
    internal static void Write(Stream stream, IModel model, Weights weights, ModelCard card, IValueCode? code)
    {
        Check(model, weights, card);
        if (code is not null)
        {
            WriteCoded(stream, model, weights, card, code);
            return;
        }

        var packed = ModelForm.Of(model).Packed();
        byte[]? tensors = packed?.Pack(weights.Values.AsSpan());
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Tensors(bytes => hash.AppendData(bytes));
        WriteHeader(stream, Header(model, weights, card, Convert.ToHexStringLower(hash.GetCurrentHash()), json =>
        {
            if (packed is null) { WriteTensors(json, model); }
            else { packed.Write(json); }
        }));
        Tensors(bytes => stream.Write(bytes));

        void Tensors(Action<byte[]> take)
        {
            if (tensors is null) { Chunks(weights, take); }
            else { take(tensors); }
        }
    }

    private static void WriteCoded(Stream stream, IModel model, Weights weights, ModelCard card, IValueCode code)
    {
        var bytes = code.Encode(model.Plan, weights.Values.AsSpan());
        if (!ValueTensor.AreEnough(bytes.Length, model.Plan.Values))
        {
            throw new ArgumentException($"expected fewer values than {model.Plan.Values} in {bytes.Length} bytes", nameof(code));
        }

        WriteHeader(stream, Header(model, weights, card, Convert.ToHexStringLower(SHA256.HashData(bytes)),
            json => ValueTensor.WriteTensor(json, bytes.Length), code.Name));
        stream.Write(bytes);
    }

    private static void WriteHeader(Stream stream, byte[] header)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
    }

    internal static int[] ShapeOf(IModel model, int i)
    {
        if (model.Form is { } form) { return [.. form.Shapes[i]]; }
        var plan = model.Plan;
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

    private static void Check(IModel model, Weights weights, ModelCard card)
    {
        var plan = model.Plan;
        if (weights.SchemaHash != plan.SchemaHash || weights.Values.Length != plan.Values)
        {
            throw new ArgumentException(
                $"expected weights of {plan.Values} values of schema {ModelFile.Hexadecimal(plan.SchemaHash)}, got "
                    + $"{weights.Values.Length} of schema {ModelFile.Hexadecimal(weights.SchemaHash)}", nameof(weights));
        }

        if ((model is Int8Network integers ? integers.Rounded : model) is Network network
            && ModelGraph.Of(network).CountLayers() is > ModelFile.MaxLayers and var layers)
        {
            throw new ArgumentException($"expected a network of at most {ModelFile.MaxLayers} layers, got {layers}", nameof(model));
        }

        if (ModelFile.MismatchOf(weights.Scale, plan) is { } mismatch) { throw new ArgumentException(mismatch, nameof(weights)); }
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

        if (card.Mismatch(model) is { } problem) { throw new ArgumentException(problem, nameof(card)); }
    }

    private static byte[] Header(
        IModel model, Weights weights, ModelCard card, string hash, Action<Utf8JsonWriter> writeTensors, string? code = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject(TensorTable.Metadata);
            json.WriteString("format", ModelFile.Format);
            json.WriteString("header-sha256", new string('0', 2 * SHA256.HashSizeInBytes));
            json.WriteString("sha256", hash);
            json.WriteString("schema-hash", ModelFile.Hexadecimal(model.Plan.StructureHash));
            json.WriteString("version", weights.Version.ToString(CultureInfo.InvariantCulture));
            json.WriteString("graph", ModelForm.Of(model).ToJson());
            if (code is not null) { json.WriteString(ValueTensor.CodeKey, code); }
            if (weights.Scale is not null) { json.WriteString("moments", ModelCardText.OfMoments(weights.Scale)); }
            if (!card.Channels.IsEmpty) { json.WriteString("channels", ModelCardText.OfChannels(card.Channels)); }
            if (!card.Labels.IsEmpty) { json.WriteString("labels", ModelCardText.OfLabels(card.Labels)); }
            if (card.ExitRule is not null) { json.WriteString("exit-rule", ModelCardText.OfRule(card.ExitRule)); }
            if (card.ExitPlan is not null) { json.WriteString("exit-plan", ModelCardText.OfPlan(card.ExitPlan)); }
            if (!card.Provenance.IsEmpty) { json.WriteString("provenance", ModelCardText.OfProvenance(card.Provenance)); }
            json.WriteEndObject();
            writeTensors(json);
            json.WriteEndObject();
        }

        while ((buffer.WrittenCount + 8) % ModelFile.Alignment != 0) { buffer.Write(" "u8); }
        var header = buffer.WrittenSpan.ToArray();
        if (header.Length > ModelFile.MaxHeaderBytes)
        {
            throw new ArgumentException(
                $"expected a header of at most {ModelFile.MaxHeaderBytes} bytes, got {header.Length}", nameof(card));
        }

        var digits = header.AsSpan(header.AsSpan().IndexOf(ModelFile.HashKey) + ModelFile.HashKey.Length, 2 * SHA256.HashSizeInBytes);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(header)), digits);
        return header;
    }

    private static void WriteTensors(Utf8JsonWriter json, IModel model)
    {
        var plan = model.Plan;
        for (var i = 0; i < plan.Slices.Length; i++)
        {
            var slice = plan.Slices[i];
            json.WriteStartObject(slice.Name);
            json.WriteString("dtype", "F32");
            json.WriteStartArray("shape");
            foreach (var size in ShapeOf(model, i)) { json.WriteNumberValue(size); }
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(4L * slice.Offset);
            json.WriteNumberValue(4L * (slice.Offset + slice.Length));
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

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
