using Google.Protobuf;
using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>Reads models that other tools have written as ONNX files: they become ordinary networks, which answer and learn on. Writes
/// networks for other runtimes.</summary>
/// <remarks>
/// What is read: one input [rows, features], [rows, channels, samples] or [rows, channels, height, width], one output, nodes in a chain.
/// Nodes: <c>Sub</c>, <c>Div</c>, <c>Mul</c>, <c>Add</c> of constants before all others; <c>Gemm</c>, <c>MatMul</c>, <c>Add</c> of a bias;
/// <c>Conv</c> in one group or one a channel; <c>MaxPool</c>, <c>AveragePool</c>, <c>GlobalAveragePool</c>, <c>GlobalMaxPool</c>,
/// <c>ReduceMean</c> over all samples; <c>BatchNormalization</c>, <c>LayerNormalization</c>, <c>LRN</c>; <c>Relu</c>, <c>LeakyRelu</c>,
/// <c>Sigmoid</c>, <c>Tanh</c>, <c>Softmax</c> at the end; <c>Add</c> of an earlier value; <c>Dropout</c>; <c>Flatten</c>, <c>Identity</c>,
/// <c>Pad</c> by nothing; <c>Reshape</c>, <c>Squeeze</c>, <c>Unsqueeze</c>, <c>Transpose</c> that leave the values in order; group norms
/// and pools of mean and maximum as <c>Save</c> writes them. Operator sets 7 to 25. Values: float32, float64, float16 and bfloat16, read as
/// float32, in the file or in one beside it. Everything else is refused by the name of its node. Cost: the files in memory, and the values
/// once more; files never make a network of more bytes than four times their own. Source: the ONNX specification.
/// </remarks>
public static class OnnxFile
{
    /// <summary>Reads a network from a file.</summary>
    /// <param name="path">The file, such as <c>activity.onnx</c>.</param>
    /// <param name="options">What the file does not say; null: nothing.</param>
    /// <exception cref="ModelFormatException">It is not an ONNX file, damaged, or says what cannot be a network here.</exception>
    /// <exception cref="IOException">The file is not there, or cannot be read.</exception>
    public static ImportedNetwork Load(string path, OnnxOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Load(File.ReadAllBytes(path), Path.GetDirectoryName(Path.GetFullPath(path)), options);
    }

    /// <summary>Reads a network from bytes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="options">What the file does not say; null: nothing.</param>
    /// <exception cref="ModelFormatException">It is not an ONNX file, damaged, or says what cannot be a network here.</exception>
    public static ImportedNetwork Load(byte[] bytes, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Load(bytes, null, options);
    }

    private static ImportedNetwork Load(byte[] bytes, string? folder, OnnxOptions? options)
    {
        try
        {
            var files = new ValueFiles(folder);
            var graph = OnnxReader.Read(bytes, files);
            return Network(graph, options ?? new(), bytes.Length + files.Length);
        }
        catch (Exception problem) when (problem is InvalidProtocolBufferException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"ONNX: {problem.Message}", problem);
        }
    }

    private static ImportedNetwork Network(OnnxGraph graph, OnnxOptions options, long fileBytes)
    {
        try
        {
            return GraphImport.Network(graph, options, fileBytes);
        }
        catch (ModelFormatException problem) when (WindowExport.IsIn(graph))
        {
            throw new ModelFormatException("ONNX: expected a network alone, got one that takes windows: save it without "
                + $"{nameof(OnnxSaveOptions.Window)} (streamlearn export: --network-only). {problem.Message}", problem);
        }
    }

    /// <summary>Writes a network as an ONNX file, whole or not at all: see <see cref="SavedFile.Write"/>.</summary>
    /// <param name="path">The file, such as <c>activity.onnx</c>; one that is there is replaced.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">Its values.</param>
    /// <param name="card">Names of columns, units and classes, and provenance, to be written as metadata; null: nothing. With
    /// <see cref="OnnxSaveOptions.Window"/> the columns are those of the windows.</param>
    /// <param name="options">What of the network is written; null: its last exit.</param>
    /// <exception cref="ArgumentException">Weights or card are not of this network, a value is not finite, or there are over 2
    /// GiB.</exception>
    /// <exception cref="NotSupportedException">A layer, or the answers of the loss, has no form in ONNX files; it is named.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Network network, Weights weights, ModelCard? card = null, OnnxSaveOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SavedFile.Write(path, Model(network, weights, card, options).CopyTo);
    }

    /// <summary>Writes a network as an ONNX file to a stream.</summary>
    /// <remarks>
    /// Shape: one input <c>input</c> [rows, features], [rows, channels, samples] or [rows, channels, height, width], any number of rows;
    /// one output <c>output</c>, the answers: probabilities of the classes, or values in units of the targets. Operator set 17, IR version
    /// 8, float32. <c>Dropout</c> is left out; every other layer of this library has a form. Rounded layers, such as those of
    /// <see cref="Int8Network.Rounded"/>, are pairs of <c>QuantizeLinear</c> and <c>DequantizeLinear</c>, with weights of 8 bits. The same
    /// network, values and card give the same bytes. Cost: the values once more in memory.
    /// </remarks>
    /// <param name="stream">The stream; stays open.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">Its values.</param>
    /// <param name="card">Names of columns, units and classes, and provenance, to be written as metadata; null: nothing. With
    /// <see cref="OnnxSaveOptions.Window"/> the columns are those of the windows.</param>
    /// <param name="options">What of the network is written; null: its last exit.</param>
    /// <exception cref="ArgumentException">Weights or card are not of this network, a value is not finite, or there are over 2
    /// GiB.</exception>
    /// <exception cref="NotSupportedException">A layer, or the answers of the loss, has no form in ONNX files; it is named.</exception>
    public static void Save(Stream stream, Network network, Weights weights, ModelCard? card = null, OnnxSaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Model(network, weights, card, options).CopyTo(stream);
    }

    private static FieldWriter Model(Network network, Weights weights, ModelCard? card, OnnxSaveOptions? options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        card ??= ModelCard.Empty;
        GraphExport.Check(network.Plan, weights, card, options?.Window);
        var model = OnnxWriter.Model(GraphExport.Graph(network, weights, card, options ?? new()));
        return model.Length <= int.MaxValue
            ? model : throw new ArgumentException($"ONNX: expected a network of at most 2 GiB, got {model.Length} bytes", nameof(network));
    }
}
