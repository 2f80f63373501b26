namespace StreamLearn.Onnx;

/// <summary>Values are not copied.</summary>
/// <remarks>Source: onnx.proto of the ONNX project, IR version 3 and later.</remarks>
internal static class OnnxReader
{
    private const int MaxNodes = ModelFile.MaxLayers, MaxNames = 64, MaxConstants = 8 * MaxNodes, OldestVersion = 7, NewestVersion = 25;

    internal static OnnxGraph Read(byte[] bytes, ValueFiles files)
    {
        var metadata = new List<KeyValuePair<string, string>>();
        var (model, graph, version, producer) = (new Fields(bytes, 0, bytes.Length, "model"), default(Fields), 0L, new string[2]);
        while (model.Next())
        {
            switch (model.Number)
            {
                case 2 or 3: producer[model.Number - 2] = model.Text(); break;
                case 7 when graph is null: graph = model.Message("graph"); break;
                case 7: throw new ModelFormatException("ONNX: expected one graph, got two");
                case 8: version = Math.Max(version, Version(model.Message("operator set"))); break;
                case 14 when metadata.Count < MaxNames: metadata.Add(OnnxParts.Entry(model.Message("metadata"))); break;
                case 25: throw new ModelFormatException("ONNX: expected no functions, got some: inline them before export");
                default: model.Skip(); break;
            }
        }

        if (graph is null) { throw new ModelFormatException("ONNX: expected a graph, got none: not an ONNX file"); }
        return version is >= OldestVersion and <= NewestVersion
            ? Graph(graph, files, version, string.Join(' ', producer).Trim()) with { Metadata = metadata }
            : throw new ModelFormatException($"ONNX: expected operator set {OldestVersion} to {NewestVersion}, got {version}");
    }

    private static OnnxGraph Graph(Fields fields, ValueFiles files, long version, string producer)
    {
        var (name, nodes, constants) = ("", new List<OnnxNode>(), new Dictionary<string, OnnxTensor>(StringComparer.Ordinal));
        var (inputs, outputs) = (new List<OnnxValue>(), new List<OnnxValue>());
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1: Add(nodes, Node(fields.Message("node"), files), MaxNodes, "nodes"); break;
                case 2: name = fields.Text(); break;
                case 5:
                    var tensor = OnnxParts.Tensor(fields.Message("tensor"), files);
                    if (constants.Count == MaxConstants || !constants.TryAdd(tensor.Name, tensor))
                    {
                        throw new ModelFormatException(
                            $"ONNX: expected at most {MaxConstants} constants with different names, got '{tensor.Name}'");
                    }

                    break;
                case 11: Add(inputs, OnnxParts.Value(fields.Message("input")), MaxConstants, "inputs"); break;
                case 12: Add(outputs, OnnxParts.Value(fields.Message("output")), MaxNames, "outputs"); break;
                case 15: throw new ModelFormatException("ONNX: expected dense constants, got sparse ones");
                default: fields.Skip(); break;
            }
        }

        return new(name, producer, version, nodes, constants, inputs, outputs);
    }

    private static OnnxNode Node(Fields fields, ValueFiles files)
    {
        var (name, operation, domain, attributes) = ("", "", "", new List<OnnxAttribute>());
        var (inputs, outputs) = (new List<string>(), new List<string>());
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1: Add(inputs, fields.Text(), MaxNames, "inputs of a node"); break;
                case 2: Add(outputs, fields.Text(), MaxNames, "outputs of a node"); break;
                case 3: name = fields.Text(); break;
                case 4: operation = fields.Text(); break;
                case 5: Add(attributes, OnnxParts.Attribute(fields.Message("attribute"), files), MaxNames, "attributes of a node"); break;
                case 7: domain = fields.Text(); break;
                default: fields.Skip(); break;
            }
        }

        return new(name, domain is "" or "ai.onnx" ? operation : $"{domain}.{operation}", [.. inputs], [.. outputs], [.. attributes]);
    }

    /// <summary>Version of the standard operator set; 0 for other domains.</summary>
    private static long Version(Fields fields)
    {
        var (domain, version) = ("", 0L);
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case 1: domain = fields.Text(); break;
                case 2: version = fields.Integer(); break;
                default: fields.Skip(); break;
            }
        }

        return domain is "" or "ai.onnx" ? version : 0;
    }

    private static void Add<T>(List<T> list, T item, int max, string what)
    {
        if (list.Count == max) { throw new ModelFormatException($"ONNX: expected at most {max} {what}"); }
        list.Add(item);
    }
}
