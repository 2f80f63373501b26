using System.Text;

namespace StreamLearn.Onnx;

/// <summary>Writes fields in a fixed order.</summary>
/// <remarks>Source: onnx.proto of the ONNX project, IR version 8.</remarks>
internal static class OnnxWriter
{
    private const int IrVersion = 8, SingleType = 1, IntegerType = 2, TextType = 3, IntegersType = 7;

    internal static FieldWriter Model(OnnxGraph graph)
    {
        var (model, operators) = (new FieldWriter(), new FieldWriter());
        model.Integer(1, IrVersion);
        model.Text(2, graph.Producer);
        model.Integer(5, graph.ModelVersion);
        model.Message(7, Graph(graph));
        operators.Text(1, "");
        operators.Integer(2, graph.Version);
        model.Message(8, operators);
        foreach (var (key, value) in graph.Metadata)
        {
            var entry = new FieldWriter();
            entry.Text(1, key);
            entry.Text(2, value);
            model.Message(14, entry);
        }

        return model;
    }

    private static FieldWriter Graph(OnnxGraph graph)
    {
        var fields = new FieldWriter();
        foreach (var node in graph.Nodes) { fields.Message(1, Node(node)); }
        fields.Text(2, graph.Name);
        foreach (var constant in graph.Constants.Values) { fields.Message(5, Tensor(constant)); }
        foreach (var input in graph.Inputs) { fields.Message(11, Value(input)); }
        foreach (var output in graph.Outputs) { fields.Message(12, Value(output)); }
        return fields;
    }

    private static FieldWriter Node(OnnxNode node)
    {
        var fields = new FieldWriter();
        foreach (var input in node.Inputs) { fields.Text(1, input); }
        foreach (var output in node.Outputs) { fields.Text(2, output); }
        fields.Text(3, node.Name);
        fields.Text(4, node.Operation);
        foreach (var attribute in node.Attributes) { fields.Message(5, Attribute(attribute)); }
        return fields;
    }

    private static FieldWriter Attribute(OnnxAttribute attribute)
    {
        var fields = new FieldWriter();
        fields.Text(1, attribute.Name);
        if (attribute.Single is { } single) { fields.Single(2, single); }
        if (attribute.Integer is { } integer) { fields.Integer(3, integer); }
        if (attribute.Text is { } text) { fields.Bytes(4, Encoding.Latin1.GetBytes(text)); }
        foreach (var one in attribute.Integers ?? []) { fields.Integer(8, one); }
        fields.Integer(20, attribute switch
        {
            { Single: not null } => SingleType,
            { Integer: not null } => IntegerType,
            { Text: not null } => TextType,
            _ => IntegersType,
        });
        return fields;
    }

    private static FieldWriter Tensor(OnnxTensor tensor)
    {
        var fields = new FieldWriter();
        foreach (var size in tensor.Shape) { fields.Integer(1, size); }
        fields.Integer(2, tensor.Type);
        fields.Text(8, tensor.Name);
        fields.Bytes(9, tensor.Raw);
        return fields;
    }

    /// <summary>An open size is the batch dimension.</summary>
    private static FieldWriter Value(OnnxValue value)
    {
        var (fields, type, tensor, shape) = (new FieldWriter(), new FieldWriter(), new FieldWriter(), new FieldWriter());
        foreach (var size in value.Shape ?? [])
        {
            var dimension = new FieldWriter();
            if (size < 0) { dimension.Text(2, "rows"); }
            else { dimension.Integer(1, size); }
            shape.Message(1, dimension);
        }

        tensor.Integer(1, value.Type);
        tensor.Message(2, shape);
        type.Message(1, tensor);
        fields.Text(1, value.Name);
        fields.Message(2, type);
        return fields;
    }
}
