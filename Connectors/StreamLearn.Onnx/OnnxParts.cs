using System.Text;

namespace StreamLearn.Onnx;

internal static class OnnxParts
{
    private const int MaxDimensions = 8, MaxIntegers = 64;

    internal static OnnxAttribute Attribute(Fields fields, ValueFiles files)
    {
        var (attribute, integers, isList) = (new OnnxAttribute(""), new List<long>(), false);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1: attribute = attribute with { Name = fields.Text() }; break;
                case 2: attribute = attribute with { Single = fields.Single() }; break;
                case 3: attribute = attribute with { Integer = fields.Integer() }; break;
                case 4: attribute = attribute with { Text = Encoding.Latin1.GetString(fields.Bytes().Span) }; break;
                case 5: attribute = attribute with { Tensor = Tensor(fields.Message("tensor of an attribute"), files) }; break;
                case 8: fields.Integers(integers, MaxIntegers); isList = true; break;
                case 20: isList |= fields.Integer() == 7; break;        // the type of an empty list
                default: fields.Skip(); break;
            }
        }

        return isList ? attribute with { Integers = [.. integers] } : attribute;
    }

    internal static OnnxTensor Tensor(Fields fields, ValueFiles files)
    {
        var (elsewhere, said) = (false, new Dictionary<string, string>(StringComparer.Ordinal));
        var (shape, singles, integers) = (new List<long>(), new List<float>(), new List<long>());
        var tensor = new OnnxTensor("", 0, []);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1: fields.Integers(shape, MaxDimensions); break;
                case 2: tensor = tensor with { Type = (int)fields.Integer() }; break;
                case 4: fields.Singles(singles); break;
                case 5 or 7: fields.Integers(integers, MaxIntegers); break;
                case 8: tensor = tensor with { Name = fields.Text() }; break;
                case 9: tensor = tensor with { Raw = fields.Bytes() }; break;
                case 13:
                    var (key, text) = Entry(fields.Message("place of values"));
                    said[key] = text;
                    break;
                case 14: elsewhere = fields.Integer() != 0; break;
                default: fields.Skip(); break;
            }
        }

        if (elsewhere || said.Count > 0) { tensor = tensor with { Raw = files.Of(tensor.Name, said) }; }
        return tensor with { Shape = [.. shape], Singles = singles, Integers = integers };
    }

    internal static KeyValuePair<string, string> Entry(Fields fields)
    {
        var (key, text) = ("", "");
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1: key = fields.Text(); break;
                case 2: text = fields.Text(); break;
                default: fields.Skip(); break;
            }
        }

        return new(key, text);
    }

    internal static OnnxValue Value(Fields fields)
    {
        var value = new OnnxValue("", 0, null);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1: value = value with { Name = fields.Text() }; break;
                case 2: value = value with { Type = -1 }; Type(fields.Message("type"), ref value); break;
                default: fields.Skip(); break;
            }
        }

        return value;
    }

    private static void Type(Fields fields, ref OnnxValue value)
    {
        while (fields.Next())
        {
            if (fields.Number != 1) { fields.Skip(); continue; }
            var tensor = fields.Message("tensor type");
            while (tensor.Next())
            {
                switch (tensor.Number)
                {
                    case 1: value = value with { Type = (int)tensor.Integer() }; break;
                    case 2: value = value with { Shape = Shape(tensor.Message("shape")) }; break;
                    default: tensor.Skip(); break;
                }
            }
        }
    }

    private static long[] Shape(Fields fields)
    {
        var sizes = new List<long>();
        while (fields.Next())
        {
            if (fields.Number != 1) { fields.Skip(); continue; }
            var (dimension, size) = (fields.Message("size"), -1L);
            while (dimension.Next())
            {
                if (dimension.Number == 1) { size = dimension.Integer(); }
                else { dimension.Skip(); }
            }

            if (sizes.Count == MaxDimensions) { throw new ModelFormatException($"ONNX: expected at most {MaxDimensions} sizes"); }
            sizes.Add(size);
        }

        return [.. sizes];
    }
}
