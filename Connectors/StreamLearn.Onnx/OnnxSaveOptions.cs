namespace StreamLearn.Onnx;

/// <summary>What to write to an ONNX file.</summary>
internal sealed record OnnxSaveOptions(bool AllExits = false, OnnxWindow? Window = null);
