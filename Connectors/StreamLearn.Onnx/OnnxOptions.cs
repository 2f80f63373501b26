namespace StreamLearn.Onnx;

/// <summary>What an ONNX file does not state about a network.</summary>
internal sealed record OnnxOptions(Shape? Input = null, Loss? Objective = null);
