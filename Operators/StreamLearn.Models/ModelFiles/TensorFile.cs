using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace StreamLearn.Models;

public static partial class ModelFile
{
    /// <summary>Reads the values of a network from a safetensors file with PyTorch names and layout.</summary>
    /// <remarks> Shape: <c>weight</c> [outputs, inputs] of a dense layer, [filters, channels, kernel] or [filters, channels, kernel,
    /// kernel] of a convolution, [channels, 1, …] of a depthwise convolution, the gain of a norm as <c>weight</c>; <c>bias</c>;
    /// <c>running_mean</c> and <c>running_var</c> of a batch norm. A missing bias is 0, a gain 1; a <see cref="Scale"/> keeps 0 and 1;
    /// <c>num_batches_tracked</c> is ignored. Values: F32, F64, F16 and BF16, read as float32. Cost: memory for the file and the values.
    /// Source: the safetensors format (Hugging Face, 2022). A layer uses the tensors of one module, whose names are equal up to the last
    /// dot. Without <paramref name="names"/>, modules and layers match by unique shapes; equal shapes match by number if names differ in
    /// nothing else. Otherwise the file is refused.</remarks>
    /// <param name="network">The network.</param>
    /// <param name="path">The file, such as <c>model.safetensors</c>.</param>
    /// <param name="names">The module or tensor for each layer or slice: <c>["0.conv1d"] = "features.0"</c>. Null: none.</param>
    /// <returns>All weights of the network, as version 0.</returns>
    /// <exception cref="ModelFormatException">The file is invalid or damaged, or is of another network; the message lists the
    /// mismatches.</exception>
    /// <exception cref="ArgumentException">A name belongs to no layer and no slice.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static Weights LoadTensors(this Network network, string path, IReadOnlyDictionary<string, string>? names = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return LoadTensors(network, File.ReadAllBytes(path), names);
    }

    /// <inheritdoc cref="LoadTensors(Network, string, IReadOnlyDictionary{string, string}?)" />
    /// <param name="network">The network.</param>
    /// <param name="bytes">The whole file.</param>
    /// <param name="names">The module or tensor for each layer or slice. Null: none.</param>
    public static Weights LoadTensors(this Network network, byte[] bytes, IReadOnlyDictionary<string, string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(bytes);
        var modules = TensorPlaces.Of(network);
        TensorMatch.CheckNames(modules, names);
        var values = network.Initial.Values.ToArray();
        foreach (var (place, tensor) in TensorMatch.Of(modules, Header(bytes), names))
        {
            if (tensor is null) { place.Slice.Of(values.AsSpan()).Fill(place.Otherwise ?? 0); }
            else { place.Put(Values(tensor, bytes), values); }
        }

        return new() { Version = 0, SchemaHash = network.Plan.SchemaHash, Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }

    private static List<FileTensor> Header(byte[] bytes)
    {
        var length = bytes.Length < 8 ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (length is < 2 or > ModelFile.MaxHeaderBytes || length > (ulong)bytes.Length - 8)
        {
            throw new ModelFormatException($"expected a header of 2 to {ModelFile.MaxHeaderBytes} bytes, got {length} in a file of "
                + $"{bytes.Length}: cut short, or not safetensors");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(8, (int)length), new() { AllowDuplicateProperties = false });
            var tensors = new List<FileTensor>();
            foreach (var (name, value) in new JsonSettings(document.RootElement, "header").Properties())
            {
                if (name != TensorTable.Metadata) { tensors.Add(Tensor(name, value, (int)length + 8, bytes.Length)); }
                else if (value.TryGetProperty("format", out var format) && format.ValueEquals(ModelFile.Format))
                {
                    throw new ModelFormatException($"expected a file of another tool, got {ModelFile.Format}: ModelFile.Load reads it");
                }
            }

            var end = tensors.Count == 0 ? (int)length + 8 : tensors.Max(static t => t.To);
            return end == bytes.Length ? tensors
                : throw new ModelFormatException($"expected {end} bytes, the total of its tensors, got {bytes.Length}");
        }
        catch (Exception problem) when (
            problem is JsonException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException(problem.Message, problem);
        }
    }

    private static FileTensor Tensor(string name, JsonElement value, int begin, int end)
    {
        var settings = new JsonSettings(value, $"tensor {name}");
        var (type, shape, offsets) = (settings.Text("dtype"), settings.Longs("shape"), settings.Longs("data_offsets"));
        settings.End();
        Int128 size = SizeOf(type);
        foreach (var side in shape) { size = side < 0 || size > end ? -1 : size * side; }
        if (offsets is not [var from, var to] || from < 0 || to < from || to > end - begin || (SizeOf(type) > 0 && size != to - from))
        {
            throw new ModelFormatException($"tensor {name}: expected {type} [{string.Join(", ", shape)}] within {end - begin} bytes, got "
                + $"offsets [{string.Join(", ", offsets)}]");
        }

        return new(name, type, shape, begin + (int)from, begin + (int)to);
    }

    private static float[] Values(FileTensor tensor, byte[] bytes)
    {
        var size = SizeOf(tensor.Type);
        if (size == 0) { throw new ModelFormatException($"tensor {tensor.Name}: expected F32, F64, F16 or BF16, got {tensor.Type}"); }
        var values = new float[(tensor.To - tensor.From) / size];
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(tensor.From + (i * size), size);
            values[i] = tensor.Type switch
            {
                "F32" => BinaryPrimitives.ReadSingleLittleEndian(at),
                "F64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(at),
                "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(at),
                _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
            };
        }

        return Array.FindIndex(values, static v => !float.IsFinite(v)) is >= 0 and var wrong
            ? throw new ModelFormatException($"tensor {tensor.Name}: expected finite values, got {values[wrong]}")
            : values;
    }

    private static int SizeOf(string type) => type switch { "F32" => 4, "F64" => 8, "F16" or "BF16" => 2, _ => 0 };
}
