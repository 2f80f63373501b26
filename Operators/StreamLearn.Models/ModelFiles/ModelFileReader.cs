using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace StreamLearn.Models;

/// <summary>Verifies the header, then the model, before it reads values.</summary>
internal static class ModelFileReader
{
    private const int ValuesAtOnce = 1 << 16;

    internal static LoadedModel Read(Stream stream, IModel? expected, ReadOnlySpan<IValueCode> codes)
    {
        var header = Header(stream);
        try
        {
            using var document = JsonDocument.Parse(header, new() { AllowDuplicateProperties = false });
            return Read(document.RootElement, stream, expected, codes);
        }
        catch (Exception problem) when (
            problem is JsonException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException(problem.Message, problem);
        }
    }

    private static byte[] Header(Stream stream)
    {
        var prefix = new byte[8];
        Expect(stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false), prefix.Length, "bytes of header length");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length is < 2 or > ModelFile.MaxHeaderBytes)
        {
            throw new ModelFormatException($"expected a header of 2 to {ModelFile.MaxHeaderBytes} bytes, got {length}: not safetensors");
        }

        var header = new byte[length];
        Expect(stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false), header.Length, "bytes of header");
        var at = header.AsSpan().IndexOf(ModelFile.HashKey) + ModelFile.HashKey.Length;
        if (header[0] != '{' || at < ModelFile.HashKey.Length || at + (2 * SHA256.HashSizeInBytes) > header.Length)
        {
            throw new ModelFormatException(
                "expected a header that begins with { and has its own header-sha256: not written by StreamLearn");
        }

        var digits = header.AsSpan(at, 2 * SHA256.HashSizeInBytes);
        var expected = Encoding.ASCII.GetString(digits);
        digits.Fill((byte)'0');
        Expect(expected, SHA256.HashData(header), "header");
        if (!Utf8.IsValid(header)) { throw new ModelFormatException("expected a header in UTF-8"); }
        return header;
    }

    private static LoadedModel Read(JsonElement root, Stream stream, IModel? expected, ReadOnlySpan<IValueCode> codes)
    {
        var file = new JsonSettings(root, "header");
        var metadata = new JsonSettings(file.Of(TensorTable.Metadata), "metadata");
        if (metadata.Text("format") is var format && format != ModelFile.Format)
        {
            throw new ModelFormatException($"expected format {ModelFile.Format}, got {format}");
        }

        metadata.Text("header-sha256");
        var hash = metadata.Text("sha256");
        var schema = ModelFile.Hexadecimal(metadata.Text("schema-hash"));
        var version = long.Parse(metadata.Text("version"), NumberStyles.None, CultureInfo.InvariantCulture);
        var graph = ModelForm.Parse(metadata.Text("graph"));
        var moments = Optional(metadata, "moments", ModelCardText.Moments);
        var code = metadata.Has(ValueTensor.CodeKey) ? ValueTensor.Find(metadata.Text(ValueTensor.CodeKey), codes) : null;
        var card = Card(metadata);
        metadata.End();
        var (count, packed) = (graph.Values(), code is null ? graph.Packed() : null);
        var bytes = code is not null ? ValueTensor.Read(file, stream, hash) : packed is null ? [] : Bytes(stream, packed.Bytes, hash);
        var values = code is not null ? [] : packed is null ? Values(stream, count, hash) : packed.Unpack(bytes);
        var model = graph.ToModel(expected);
        if (model.Plan.SchemaHash != schema)
        {
            throw new ModelFormatException($"expected schema hash {ModelFile.Hexadecimal(schema)}, got "
                + $"{ModelFile.Hexadecimal(model.Plan.SchemaHash)} from {model.Structure}");
        }

        packed?.Require(file);
        if (card.Mismatch(model) is { } problem) { throw new ModelFormatException(problem); }
        if (ModelFile.MismatchOf(moments, model.Plan) is { } mismatch) { throw new ModelFormatException(mismatch); }
        var arranged = code is not null ? ValueTensor.Decode(model, code, bytes)
            : packed is null ? TensorTable.Arranged(file, model, values) : values;
        var weights = new Weights
        {
            Version = version,
            SchemaHash = schema,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(arranged),
            Scale = moments,
        };
        return new(model, weights, card);
    }

    private static ModelCard Card(JsonSettings metadata) => new()
    {
        Channels = OptionalList(metadata, "channels", ModelCardText.Channels),
        Labels = OptionalList(metadata, "labels", ModelCardText.Labels),
        ExitRule = Optional(metadata, "exit-rule", ModelCardText.Rule),
        ExitPlan = Optional(metadata, "exit-plan", ModelCardText.Plan),
        Provenance = Optional(metadata, "provenance", ModelCardText.Provenance) ?? ModelCard.Empty.Provenance,
    };

    /// <summary>Memory grows with the data, so a forged length allocates none.</summary>
    private static float[] Values(Stream stream, int count, string expected)
    {
        var (values, bytes, read) = (new float[Math.Min(count, ValuesAtOnce)], new byte[4 * ValuesAtOnce], 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (read < count)
        {
            var wanted = Math.Min(count - read, ValuesAtOnce);
            var got = stream.ReadAtLeast(bytes.AsSpan(0, 4 * wanted), 4 * wanted, throwOnEndOfStream: false);
            if (got < 4 * wanted)
            {
                throw new ModelFormatException($"expected {4L * count} bytes of values, got {(4L * read) + got}: cut short");
            }

            if (values.Length < read + wanted) { Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length)); }
            LittleEndian.Read(bytes.AsSpan(0, got), values.AsSpan(read, wanted));
            hash.AppendData(bytes, 0, got);
            read += wanted;
        }

        if (stream.ReadByte() >= 0) { throw new ModelFormatException($"expected {4L * count} bytes of values, got more"); }
        Expect(expected, hash.GetCurrentHash(), "values");
        return values;
    }

    /// <summary>Memory grows with the data.</summary>
    internal static byte[] Bytes(Stream stream, int count, string expected)
    {
        var (bytes, read) = (new byte[Math.Min(count, 4 * ValuesAtOnce)], 0);
        while (read < count)
        {
            if (read == bytes.Length) { Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length)); }
            var got = stream.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, throwOnEndOfStream: false);
            read += got;
            if (read < bytes.Length) { throw new ModelFormatException($"expected {count} bytes of values, got {read}: cut short"); }
        }

        if (stream.ReadByte() >= 0) { throw new ModelFormatException($"expected {count} bytes of values, got more"); }
        Expect(expected, SHA256.HashData(bytes), "values");
        return bytes;
    }

    private static T? Optional<T>(JsonSettings settings, string name, Func<string, T> read) where T : class =>
        settings.Has(name) ? read(settings.Text(name)) : null;

    private static ImmutableArray<T> OptionalList<T>(JsonSettings settings, string name, Func<string, ImmutableArray<T>> read) =>
        settings.Has(name) ? read(settings.Text(name)) : [];

    private static void Expect(int got, int expected, string what)
    {
        if (got != expected) { throw new ModelFormatException($"expected {expected} {what}, got {got}: cut short"); }
    }

    private static void Expect(string expected, byte[] hash, string what)
    {
        if (Convert.ToHexStringLower(hash) is var got && got != expected)
        {
            throw new ModelFormatException($"{what} damaged: expected SHA-256 {expected}, got {got}");
        }
    }
}
