namespace StreamLearn.Onnx;

/// <summary>What to write to an ONNX file.</summary>
public sealed record OnnxSaveOptions
{
    /// <summary>True: earlier exits are outputs too, <c>exit0</c>, <c>exit1</c>, …, before the last one's <c>output</c>. Default
    /// false.</summary>
    public bool AllExits { get; init; }

    /// <summary>Raw windows that the file turns into the network's input: <c>input</c> is then [windows, rows, channels]. Null, the
    /// default: <c>input</c> is the network's.</summary>
    public OnnxWindow? Window { get; init; }
}
