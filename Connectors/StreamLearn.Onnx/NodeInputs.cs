namespace StreamLearn.Onnx;

internal sealed class NodeInputs(OnnxNode node, ImportedLayers layers, Dictionary<string, OnnxTensor> constants)
{
    internal void Expect(int max)
    {
        if (node.Inputs.Length > max || node.Inputs[0] != layers.Value)
        {
            throw node.Refused($"expected '{layers.Value}' as the first of at most {max} inputs, got {string.Join(", ", node.Inputs)}");
        }
    }

    internal bool Has(int input) => input < node.Inputs.Length && node.Inputs[input].Length > 0;

    internal OnnxTensor Constant(int input) => Has(input) && constants.TryGetValue(node.Inputs[input], out var constant)
        ? constant : throw node.Refused($"expected a constant as input {input}");

    internal OnnxTensor Other() => node.Inputs.Length == 2
        ? Constant(node.Inputs[0] == layers.Value ? 1 : 0)
        : throw node.Refused($"expected 2 inputs, got {node.Inputs.Length}");

    internal float[] Flat(int input, int count)
    {
        var constant = Constant(input);
        return constant.Shape is [var got] && got == count
            ? constant.ToSingles() : throw node.Refused($"expected [{count}] as input {input}, got {constant}");
    }

    /// <summary>Reads an attribute, which is an input in later versions; null: absent.</summary>
    internal long[]? Integers(string name, int input) => node.Integers(name) ?? (Has(input) ? Constant(input).ToIntegers() : null);
}
