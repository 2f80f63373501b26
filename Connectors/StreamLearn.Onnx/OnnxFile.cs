using Google.Protobuf;
using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>Reads models that other tools have written as ONNX files: they become ordinary networks, which answer and learn on.</summary>
/// <remarks>
/// Shape: one input [rows, features], [rows, channels, samples] or [rows, channels, height, width], one output, and nodes in a chain.
/// Nodes: <c>Gemm</c>, <c>MatMul</c>, <c>Add</c> of a bias; <c>Conv</c> in one group or one a channel; <c>MaxPool</c>, <c>AveragePool</c>,
/// <c>GlobalAveragePool</c>, <c>GlobalMaxPool</c>, <c>ReduceMean</c> over all samples; <c>BatchNormalization</c>, <c>LRN</c>; <c>Relu</c>,
/// <c>LeakyRelu</c>, <c>Sigmoid</c>, <c>Tanh</c>, <c>Softmax</c> at the end; <c>Dropout</c>; <c>Flatten</c>, <c>Identity</c>, <c>Pad</c> by
/// nothing; <c>Reshape</c>, <c>Squeeze</c>, <c>Unsqueeze</c>, <c>Transpose</c> that leave the values in order. Operator sets 7 to 25.
/// Values: float32, float64, float16 and bfloat16, read as float32. Everything else is refused by the name of its node. Cost: the file in
/// memory, and its values once more; a file never makes a network of more bytes than four times its own. Source: the ONNX specification.
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
        return Load(File.ReadAllBytes(path), options);
    }

    /// <summary>Reads a network from bytes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="options">What the file does not say; null: nothing.</param>
    /// <exception cref="ModelFormatException">It is not an ONNX file, damaged, or says what cannot be a network here.</exception>
    public static ImportedNetwork Load(byte[] bytes, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        try
        {
            return GraphImport.Network(OnnxReader.Read(bytes), options ?? new(), bytes.Length);
        }
        catch (Exception problem) when (problem is InvalidProtocolBufferException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"ONNX: {problem.Message}", problem);
        }
    }
}
