using System.Buffers;

namespace StreamLearn.Compression;

/// <summary>A lossless form of model files for compressed networks; each slice (a named range of weights) uses its shortest form.</summary>
/// <remarks>A form byte for each slice, then the slice. 0: float32. 1: at most 255 distinct nonzero values; indexes and gaps Huffman-coded.
/// 2: one magnitude per output, a sign bit per value. 3: a bit per value, then the nonzero values. Source: Han, Mao, Dally (2016), <i>Deep
/// compression</i>, for form 1.</remarks>
public sealed class CompressedValues : IValueCode
{
    private const byte Exact = 0, Shared = 1, Signs = 2, Sparse = 3;

    private CompressedValues() { }

    /// <summary>The code, for <see cref="ModelFile.Save(Stream, IModel, Weights, ModelCard, IValueCode)"/> and
    /// <see cref="ModelFile.Load(Stream, IModel, ReadOnlySpan{IValueCode})"/>.</summary>
    public static CompressedValues Code { get; } = new();

    /// <inheritdoc />
    public string Name => "compressed/1";

    /// <summary>Writes a model with its card in this form.</summary>
    /// <exception cref="ArgumentException">The weights or the card belong to another model, or a value is not finite.</exception>
    public static byte[] Save(LoadedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var stream = new MemoryStream();
        ModelFile.Save(stream, model.Model, model.Weights, model.Card, Code);
        return stream.ToArray();
    }

    /// <summary>Reads a model file in this form or in float32.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="expected">The expected model, compared without its seed; null: any.</param>
    /// <exception cref="ModelFormatException">The file, its version or its model is invalid.</exception>
    public static LoadedModel Load(byte[] bytes, IModel? expected = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var stream = new MemoryStream(bytes, writable: false);
        return ModelFile.Load(stream, expected, Code);
    }

    /// <summary>Reads a model file in this form, float32 or 8-bit integers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">The expected model, compared without its seed; null: any.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ModelFormatException">The file, its version or its model is invalid.</exception>
    public static LoadedModel Load(string path, IModel? expected = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = File.OpenRead(path);
        return ModelFile.Load(stream, expected, Code);
    }

    /// <inheritdoc />
    public byte[] Encode(ModelPlan plan, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var slice in plan.Slices)
        {
            var own = slice.Of(values);
            var (form, best) = (Exact, ExactForm.Write(own));
            if (SignForm.Write(own) is { } signs && signs.Length < best.Length) { (form, best) = (Signs, signs); }
            if (SharedForm.Write(own) is { } shared && shared.Length < best.Length) { (form, best) = (Shared, shared); }
            if (SparseForm.Write(own) is var sparse && sparse.Length < best.Length) { (form, best) = (Sparse, sparse); }
            bytes.Write([form]);
            bytes.Write(best);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <inheritdoc />
    public bool TryDecode(ModelPlan plan, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(plan);
        foreach (var slice in plan.Slices)
        {
            if (bytes.IsEmpty) { return false; }
            var form = bytes[0];
            var own = slice.Of(values);
            bytes = bytes[1..];
            var isRead = form switch
            {
                Exact => ExactForm.TryRead(ref bytes, own),
                Shared => SharedForm.TryRead(ref bytes, own),
                Signs => SignForm.TryRead(ref bytes, own),
                Sparse => SparseForm.TryRead(ref bytes, own),
                _ => false,
            };
            if (!isRead) { return false; }
        }

        return bytes.IsEmpty;
    }
}
