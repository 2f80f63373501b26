namespace StreamLearn.Onnx;

/// <summary>The inputs of a node: what the node before it has computed, and constants.</summary>
internal sealed class NodeInputs(OnnxNode node, ImportedLayers layers, Dictionary<string, OnnxTensor> constants)
{
    /// <summary>Throws unless the node has the computed input first, and no more than some.</summary>
    internal void Expect(int max)
    {
        if (node.Inputs.Length > max || node.Inputs[0] != layers.Value)
        {
            throw node.Refused($"expected '{layers.Value}' first of at most {max} inputs, got {string.Join(", ", node.Inputs)}");
        }
    }

    internal bool Has(int input) => input < node.Inputs.Length && node.Inputs[input].Length > 0;

    /// <summary>A constant that must be there.</summary>
    internal OnnxTensor Constant(int input) => Has(input) && constants.TryGetValue(node.Inputs[input], out var constant)
        ? constant : throw node.Refused($"expected a constant as input {input}");

    /// <summary>The only input that is a constant, of two.</summary>
    internal OnnxTensor Other() => node.Inputs.Length == 2
        ? Constant(node.Inputs[0] == layers.Value ? 1 : 0)
        : throw node.Refused($"expected 2 inputs, got {node.Inputs.Length}");

    /// <summary>A flat constant of so many values, all of which are used.</summary>
    internal float[] Flat(int input, int count)
    {
        var constant = Constant(input);
        return constant.Shape is [var got] && got == count
            ? constant.ToSingles() : throw node.Refused($"expected [{count}] as input {input}, got {constant}");
    }

    /// <summary>Whole numbers that stand as an attribute, or in later versions as an input; null if they are not there.</summary>
    internal long[]? Integers(string name, int input) => node.Integers(name) ?? (Has(input) ? Constant(input).ToIntegers() : null);
}
