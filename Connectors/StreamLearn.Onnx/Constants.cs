namespace StreamLearn.Onnx;

/// <summary>Folds constant nodes, such as those that exporters write for flattened shapes.</summary>
internal static class Constants
{
    internal static bool Add(OnnxNode node, ImportedLayers layers, Dictionary<string, OnnxTensor> constants)
    {
        if (node.Operation == "Shape" && node.Inputs is [var shaped] && shaped == layers.Value)
        {
            constants[node.Output] = OnnxTensor.Of(node.Output, [-1, .. layers.Sizes]);      // -1: any number of rows
            node.End();
            return true;
        }

        if (!node.Inputs.All(i => i.Length == 0 || constants.ContainsKey(i))) { return false; }
        var made = node.Operation switch
        {
            "Constant" => Value(node),
            "Identity" => Of(0),
            "Cast" => Cast(node, Of(0)),
            "Gather" => Gather(node, Of(0), Of(1)),
            "Transpose" => Transposed(node, Of(0)),
            "Unsqueeze" => OnnxTensor.Of(node.Output, Unsqueezed(node, Of(0))),
            "Concat" => Concatenated(node, [.. node.Inputs.Select((_, i) => Of(i).ToIntegers())]),
            _ => throw node.Refused("expected the output of the previous node, got only constants"),
        };
        node.End();
        constants[node.Output] = made with { Name = node.Output };
        return true;

        OnnxTensor Of(int input) => input < node.Inputs.Length && constants.TryGetValue(node.Inputs[input], out var constant)
            ? constant
            : throw node.Refused($"expected a constant as input {input}");
    }

    private static OnnxTensor Value(OnnxNode node)
    {
        if (node.Tensor("value") is { } tensor) { return tensor; }
        if (node.Has("value_float")) { return new("", 1, []) { Singles = [node.Single("value_float", 0)] }; }
        return node.Has("value_int")
            ? new("", 7, []) { Integers = [node.Integer("value_int", 0)] }
            : OnnxTensor.Of("", node.Integers("value_ints") ?? throw node.Refused("expected a tensor, or a number"));
    }

    private static OnnxTensor Cast(OnnxNode node, OnnxTensor from) => node.Integer("to", 0) is 1 or 7
        ? from : throw node.Refused("expected float32 or int64 as 'to'");

    private static OnnxTensor Gather(OnnxNode node, OnnxTensor from, OnnxTensor places)
    {
        node.Only("axis", 0);
        var values = from.ToIntegers();
        long At(long place) => place >= -values.Length && place < values.Length
            ? values[place < 0 ? place + values.Length : place]
            : throw node.Refused($"expected 1 of {values.Length} values, got {place}");
        return new("", 7, places.Shape) { Integers = [.. places.ToIntegers().Select(At)] };
    }

    /// <summary>Transposes lazily, when the values are read.</summary>
    private static OnnxTensor Transposed(OnnxNode node, OnnxTensor matrix) =>
        matrix.Shape.Length == 2 && node.Integers("perm") is null or [1, 0]
            ? matrix with { Shape = [matrix.Shape[1], matrix.Shape[0]], IsTransposed = !matrix.IsTransposed }
            : throw node.Refused($"expected a matrix whose rows become columns, got {matrix}");

    private static long[] Unsqueezed(OnnxNode node, OnnxTensor number)
    {
        _ = node.Has("axes");
        return number.Shape.Length == 0 ? number.ToIntegers() : throw node.Refused($"expected one number, got {number}");
    }

    private static OnnxTensor Concatenated(OnnxNode node, long[][] parts)
    {
        node.Only("axis", 0);
        return parts.Sum(static p => p.Length) <= 8
            ? OnnxTensor.Of("", [.. parts.SelectMany(static p => p)]) : throw node.Refused("expected at most 8 sizes");
    }
}
