namespace StreamLearn.Onnx;

internal sealed record OnnxSaveOptions(bool AllExits = false, OnnxWindow? Window = null);
