using Google.Protobuf;

namespace StreamLearn.Onnx;

/// <summary>Reads ONNX files of other tools as trainable networks, and writes networks for other runtimes.</summary>
/// <remarks> Reads one input [rows, features], [rows, channels, samples] or [rows, channels, height, width], one output, and a chain of
/// nodes: <c>Sub</c>, <c>Div</c>, <c>Mul</c>, <c>Add</c> of constants before all others; <c>Gemm</c>, <c>MatMul</c>, <c>Add</c> of a bias;
/// <c>Conv</c> in one group or one per channel; <c>MaxPool</c>, <c>AveragePool</c>, <c>GlobalAveragePool</c>, <c>GlobalMaxPool</c>,
/// <c>ReduceMean</c> over all samples; <c>BatchNormalization</c>, <c>LayerNormalization</c>, <c>LRN</c>; <c>Relu</c>, <c>LeakyRelu</c>,
/// <c>Sigmoid</c>, <c>Tanh</c>, <c>Softmax</c> at the end; <c>Add</c> of an earlier value; <c>Dropout</c>; <c>Flatten</c>, <c>Identity</c>,
/// empty <c>Pad</c>; <c>Reshape</c>, <c>Squeeze</c>, <c>Unsqueeze</c>, <c>Transpose</c> that keep the order of values; group norms and
/// pools of mean and maximum as <c>Save</c> writes them. Operator sets 7 to 25. Values: float32, float64, float16 and bfloat16, read as
/// float32, also from external files. Other nodes are refused by name. Cost: the files in memory, and the values again; a network is at
/// most four times its files' size. Source: the ONNX specification. </remarks>
public static class OnnxFile
{
    /// <summary>Reads a network from a file.</summary>
    /// <param name="path">The file, such as <c>activity.onnx</c>.</param>
    /// <param name="input">Shape of one row, if the file does not state sizes; null: as in the file.</param>
    /// <param name="objective">The loss and its output function; null: cross-entropy after a softmax, binary cross-entropy after a sigmoid,
    /// otherwise squared error with unchanged outputs.</param>
    /// <exception cref="ModelFormatException">The file is not ONNX, is damaged, or contains an unsupported network.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static ImportedNetwork Load(string path, Shape? input = null, Loss? objective = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read(File.ReadAllBytes(path), Path.GetDirectoryName(Path.GetFullPath(path)), new(input, objective));
    }

    /// <summary>Reads a network from bytes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="input">Shape of one row, if the file does not state sizes; null: as in the file.</param>
    /// <param name="objective">The loss and its output function; null: cross-entropy after a softmax, binary cross-entropy after a sigmoid,
    /// otherwise squared error with unchanged outputs.</param>
    /// <exception cref="ModelFormatException">The file is not ONNX, is damaged, or contains an unsupported network.</exception>
    public static ImportedNetwork Load(byte[] bytes, Shape? input = null, Loss? objective = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Read(bytes, null, new(input, objective));
    }

    private static ImportedNetwork Read(byte[] bytes, string? folder, OnnxOptions options)
    {
        try
        {
            var files = new ValueFiles(folder);
            var graph = OnnxReader.Read(bytes, files);
            return Network(graph, options, bytes.Length + files.Length);
        }
        catch (Exception problem) when (problem is InvalidProtocolBufferException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"ONNX: {problem.Message}", problem);
        }
    }

    private static ImportedNetwork Network(OnnxGraph graph, OnnxOptions options, long fileBytes)
    {
        try { return GraphImport.Network(graph, options, fileBytes); }
        catch (ModelFormatException problem) when (WindowExport.IsIn(graph))
        {
            throw new ModelFormatException("ONNX: expected only a network, got one with windows: save it without "
                + $"{nameof(OnnxSaveOptions.Window)} (streamlearn export: --network-only). {problem.Message}", problem);
        }
    }

    /// <summary>Writes a network as an ONNX file, atomically: see <see cref="SavedFile.Write"/>.</summary>
    /// <param name="path">The file, such as <c>activity.onnx</c>; replaced if it exists.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="card">Metadata: names of columns, units and classes, and provenance; null: none. With <paramref name="window"/>, the
    /// columns are those of its windows.</param>
    /// <param name="allExits">True: earlier exits are outputs too, <c>exit0</c>, <c>exit1</c>, …, before that of the last exit,
    /// <c>output</c>.</param>
    /// <param name="window">Raw windows that the file converts to the input of the network: <c>input</c> is then [windows, rows, channels].
    /// Null: <c>input</c> is that of the network.</param>
    /// <exception cref="ArgumentException">Weights or card are of another network, a value is not finite, or the file exceeds 2
    /// GiB.</exception>
    /// <exception cref="NotSupportedException">ONNX cannot express the named layer or the answers of the loss.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(
        string path, Network network, Weights weights, ModelCard? card = null, bool allExits = false, OnnxWindow? window = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SavedFile.Write(path, Model(network, weights, card, new(allExits, window)).CopyTo);
    }

    /// <summary>Writes a network as an ONNX file to a stream.</summary>
    /// <remarks> Shape: one input <c>input</c> [rows, features], [rows, channels, samples] or [rows, channels, height, width], any number
    /// of rows; one output <c>output</c>: class probabilities, or values in units of the targets. Operator set 17, IR version 8, float32.
    /// All layers except <c>Dropout</c> are written. Rounded layers, such as those of <see cref="Int8Network.Rounded"/>, become pairs of
    /// <c>QuantizeLinear</c> and <c>DequantizeLinear</c> with 8-bit weights. The output is deterministic. Cost: the values again in memory.
    /// </remarks>
    /// <param name="stream">The stream; stays open.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">Its values.</param>
    /// <param name="card">Metadata: column, unit and class names, and provenance; null: none. With <paramref name="window"/>, the columns
    /// of its windows.</param>
    /// <param name="allExits">True: earlier exits are outputs too, <c>exit0</c>, <c>exit1</c>, …, before the last one's
    /// <c>output</c>.</param>
    /// <param name="window">Raw windows that the file turns into the network's input: <c>input</c> is then [windows, rows, channels]. Null:
    /// <c>input</c> is the network's.</param>
    /// <exception cref="ArgumentException">Weights or card are of another network, a value is not finite, or the file exceeds 2
    /// GiB.</exception>
    /// <exception cref="NotSupportedException">ONNX cannot express the named layer or the answers of the loss.</exception>
    public static void Save(
        Stream stream, Network network, Weights weights, ModelCard? card = null, bool allExits = false, OnnxWindow? window = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Model(network, weights, card, new(allExits, window)).CopyTo(stream);
    }

    private static FieldWriter Model(Network network, Weights weights, ModelCard? card, OnnxSaveOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        card ??= ModelCard.Empty;
        GraphExport.Check(network.Plan, weights, card, options.Window);
        var model = OnnxWriter.Model(GraphExport.Graph(network, weights, card, options));
        return model.Length <= int.MaxValue
            ? model : throw new ArgumentException($"ONNX: expected a network of at most 2 GiB, got {model.Length} bytes", nameof(network));
    }
}
