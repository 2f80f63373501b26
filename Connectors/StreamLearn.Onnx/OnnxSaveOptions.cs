namespace StreamLearn.Onnx;

/// <summary>What of a network an ONNX file is to have.</summary>
public sealed record OnnxSaveOptions
{
    /// <summary>True: the answers of the earlier exits are outputs too, <c>exit0</c>, <c>exit1</c>, …, before <c>output</c>, that of the
    /// last one. Default false.</summary>
    public bool AllExits { get; init; }

    /// <summary>Raw windows, of which the file makes what the network takes: <c>input</c> is [windows, rows, channels] then. Null, the
    /// default: <c>input</c> is what the network takes.</summary>
    public OnnxWindow? Window { get; init; }
}
