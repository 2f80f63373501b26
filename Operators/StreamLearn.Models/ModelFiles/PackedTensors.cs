using System.Text.Json;

namespace StreamLearn.Models;

/// <summary>A tensor with bytes in a file. <paramref name="Slice"/>: the slice whose values or scales it holds.</summary>
internal sealed record PackedTensor(string Name, string Type, ImmutableArray<int> Shape, int From, int To, Slice Slice);

/// <summary>Tensor layout of a model with rounded weights: float32 first, then bytes.</summary>
/// <remarks>The scales of <c>1.dense.weight</c> are <c>1.dense.weight.scale</c>; weight = scale × byte.</remarks>
internal sealed record PackedTensors(ImmutableArray<PackedTensor> Tensors, int Values)
{
    private const string Scale = ".scale";

    internal int Bytes => Tensors[^1].To;

    internal static PackedTensors Of(Int8Network model)
    {
        var rounded = model.RoundedLayers().ToDictionary(static l => l.Offset, static l => l.Layer.Channels(l.Input));
        var (tensors, at) = (ImmutableArray.CreateBuilder<PackedTensor>(), 0);
        foreach (var slice in model.Plan.Slices)
        {
            if (rounded.TryGetValue(slice.Offset, out var channels) && slice.Length > 0)
            {
                Add($"{slice.Name}{Scale}", "F32", [channels], slice, 4 * channels);
            }

            else { Add(slice.Name, "F32", [slice.Length], slice, 4 * slice.Length); }
        }

        for (var i = 0; i < model.Plan.Slices.Length; i++)
        {
            var slice = model.Plan.Slices[i];
            if (rounded.ContainsKey(slice.Offset)) { Add(slice.Name, "I8", [.. ModelFileWriter.ShapeOf(model, i)], slice, slice.Length); }
        }

        return new(tensors.ToImmutable(), model.Plan.Values);

        void Add(string name, string type, ImmutableArray<int> shape, Slice slice, int bytes)
        {
            tensors.Add(new(name, type, shape, at, checked(at + bytes), slice));
            at += bytes;
        }
    }

    internal byte[] Pack(ReadOnlySpan<float> values)
    {
        var (bytes, scales) = (new byte[Bytes], new Dictionary<string, float[]>(StringComparer.Ordinal));
        foreach (var tensor in Tensors)
        {
            var slice = tensor.Slice.Of(values).ToArray();
            var to = bytes.AsSpan(tensor.From, tensor.To - tensor.From);
            var isChannelFirst = tensor.Slice.Name.Contains("depthwise-", StringComparison.Ordinal);
            if (tensor.Type == "I8")
            {
                var numbers = new float[slice.Length];
                Symmetric8.Numbers(slice, isChannelFirst, scales[tensor.Slice.Name], numbers);
                for (var i = 0; i < to.Length; i++) { to[i] = unchecked((byte)(sbyte)numbers[i]); }
                continue;
            }

            if (tensor.Name != tensor.Slice.Name)
            {
                scales[tensor.Slice.Name] = new float[tensor.Shape[0]];
                Symmetric8.Scales(slice, isChannelFirst, scales[tensor.Slice.Name]);
                slice = scales[tensor.Slice.Name];
            }

            LittleEndian.Write(slice, to);
        }

        return bytes;
    }

    internal float[] Unpack(ReadOnlySpan<byte> bytes)
    {
        var (values, scales) = (new float[Values], new Dictionary<string, float[]>(StringComparer.Ordinal));
        foreach (var tensor in Tensors)
        {
            var from = bytes[tensor.From..tensor.To];
            var to = tensor.Slice.Of(values.AsSpan());
            if (tensor.Type == "I8")
            {
                for (var i = 0; i < to.Length; i++) { to[i] = unchecked((sbyte)from[i]); }
                if (to.Contains((float)sbyte.MinValue))
                {
                    throw new ModelFormatException($"tensor {tensor.Name}: expected -127 to 127, got -128");
                }

                Symmetric8.Restore(to, tensor.Slice.Name.Contains("depthwise-", StringComparison.Ordinal), scales[tensor.Slice.Name]);
                Expect(tensor, to, static value => float.IsFinite(value));
                continue;
            }

            var isScale = tensor.Name != tensor.Slice.Name;
            if (isScale) { to = scales[tensor.Slice.Name] = new float[tensor.Shape[0]]; }
            LittleEndian.Read(from, to);
            Expect(tensor, to, isScale ? static value => float.IsFinite(value) && value > 0 : static value => float.IsFinite(value));
        }

        return values;
    }

    internal void Write(Utf8JsonWriter json)
    {
        foreach (var tensor in Tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.Type);
            json.WriteStartArray("shape");
            foreach (var size in tensor.Shape) { json.WriteNumberValue(size); }
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(tensor.From);
            json.WriteNumberValue(tensor.To);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    internal void Require(JsonSettings file)
    {
        var all = file.Properties();
        foreach (var tensor in Tensors)
        {
            if (!all.Remove(tensor.Name, out var element))
            {
                throw new ModelFormatException($"header: expected '{tensor.Name}', got none");
            }

            var settings = new JsonSettings(element, $"tensor {tensor.Name}");
            var (type, shape, offsets) = (settings.Text("dtype"), settings.Ints("shape"), settings.Longs("data_offsets"));
            settings.End();
            if (type != tensor.Type || !shape.AsSpan().SequenceEqual(tensor.Shape.AsSpan()) || offsets is not [var from, var to]
                || from != tensor.From || to != tensor.To)
            {
                throw new ModelFormatException($"tensor {tensor.Name}: expected {tensor.Type} [{string.Join(", ", tensor.Shape)}] at "
                    + $"{tensor.From} to {tensor.To}, got {type} [{string.Join(", ", shape)}] at {string.Join(" to ", offsets)}");
            }
        }

        if (all.Keys.FirstOrDefault(static name => name != TensorTable.Metadata) is { } other)
        {
            throw new ModelFormatException($"header: expected only the model's {Tensors.Length} tensors, got '{other}' too");
        }
    }

    private static void Expect(PackedTensor tensor, ReadOnlySpan<float> values, Func<float, bool> isRight)
    {
        foreach (var value in values)
        {
            if (!isRight(value)) { throw new ModelFormatException($"tensor {tensor.Name}: expected a finite value in range, got {value}"); }
        }
    }
}
