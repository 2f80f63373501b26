using System.Text.Json;

namespace StreamLearn.Models;

/// <summary>The values as one tensor of bytes of an <see cref="IValueCode"/>.</summary>
internal static class ValueTensor
{
    internal const string CodeKey = "code";

    private const string Tensor = "values";
    private const int FreeValues = 1 << 20, ValuesOfAByte = 4096;

    internal static void WriteTensor(Utf8JsonWriter json, int bytes)
    {
        json.WriteStartObject(Tensor);
        json.WriteString("dtype", "U8");
        json.WriteStartArray("shape");
        json.WriteNumberValue(bytes);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(0);
        json.WriteNumberValue(bytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Memory grows with the data.</summary>
    internal static byte[] Read(JsonSettings file, Stream stream, string hash)
    {
        var tensor = new JsonSettings(file.Of(Tensor), $"tensor {Tensor}");
        file.End();
        var (type, shape, offsets) = (tensor.Text("dtype"), tensor.Ints("shape"), tensor.Ints("data_offsets"));
        tensor.End();
        if (type != "U8" || shape is not [>= 0 and var count] || offsets is not [0, var end] || end != count)
        {
            throw new ModelFormatException($"tensor {Tensor}: expected bytes from the first to the last, got {type}");
        }

        return ModelFileReader.Bytes(stream, count, hash);
    }

    /// <summary>Prevents a short file from allocating much memory.</summary>
    internal static bool AreEnough(int bytes, int values) => values <= FreeValues + ((long)ValuesOfAByte * bytes);

    internal static float[] Decode(IModel model, IValueCode code, byte[] bytes)
    {
        if (!AreEnough(bytes.Length, model.Plan.Values))
        {
            throw new ModelFormatException($"expected more than {bytes.Length} bytes for {model.Plan.Values} values");
        }

        var values = new float[model.Plan.Values];
        if (!code.TryDecode(model.Plan, bytes, values)) { throw new ModelFormatException($"expected values coded as {code.Name}"); }
        foreach (var value in values)
        {
            if (!float.IsFinite(value)) { throw new ModelFormatException($"expected finite values, got {value}"); }
        }

        return values;
    }

    internal static IValueCode Find(string name, ReadOnlySpan<IValueCode> codes)
    {
        foreach (var code in codes)
        {
            if (code.Name == name) { return code; }
        }

        throw new ModelFormatException($"its values are coded as {name}: expected this code as an argument of Load");
    }
}
