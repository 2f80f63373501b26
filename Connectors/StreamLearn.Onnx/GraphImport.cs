using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Onnx;

internal static class GraphImport
{
    internal static ImportedNetwork Network(OnnxGraph graph, OnnxOptions options, long fileBytes)
    {
        var layers = Begin(graph, options, fileBytes);
        var constants = new Dictionary<string, OnnxTensor>(graph.Constants, StringComparer.Ordinal);
        OnnxNode? softmax = null;
        var groups = new NodeGroups(graph.Nodes, layers, constants);
        for (var at = 0; at < graph.Nodes.Count; at++)
        {
            if (softmax is null && groups.Add(at) is > 0 and var taken)
            {
                at += taken - 1;
                continue;
            }

            var node = graph.Nodes[at];
            if (Constants.Add(node, layers, constants)) { continue; }
            if (softmax is not null && node.Operation != "Identity") { throw softmax.Refused("expected a softmax as the last node only"); }
            RequireChain(node, layers, constants);
            if (node.Operation is "Softmax" or "LogSoftmax") { softmax = Softmax(node, layers, options.Objective); }
            else { NodeImport.Add(node, layers, constants, graph.Version); }
            node.End();
            layers.Value = node.Output;
        }

        if (graph.Outputs is not [var output] || output.Name != layers.Value)
        {
            throw new ModelFormatException($"ONNX: expected one output, '{layers.Value}' of the last node, got "
                + string.Join(", ", graph.Outputs));
        }

        var objective = Objective(layers, softmax, options.Objective);
        return Made(graph, layers, objective);
    }

    private static ImportedLayers Begin(OnnxGraph graph, OnnxOptions options, long fileBytes)
    {
        if (graph.Inputs.Where(i => !graph.Constants.ContainsKey(i.Name)).ToList() is not [var input])
        {
            throw new ModelFormatException($"ONNX: expected one input, got {string.Join(", ", graph.Inputs)}");
        }

        if (input.Type is not (1 or 10 or 11 or 16)) { throw new ModelFormatException($"ONNX: expected numbers as input {input}"); }
        long[]? wanted = options.Input is not { } shape ? null : input.Shape?.Length switch
        {
            2 => [shape.Size],
            4 => [shape.Channels, shape.Height, shape.Width],
            3 when shape.Height == 1 => [shape.Channels, shape.Width],
            null => shape.Height > 1 ? [shape.Channels, shape.Height, shape.Width] : shape.Width > 1 ? [shape.Channels, shape.Width]
                : [shape.Channels],
            _ => throw new ModelFormatException($"ONNX: expected an input {shape}, got {input}"),
        };
        long[] sizes = wanted ?? input.Shape?[Math.Min(1, input.Shape.Length)..] ?? [];
        if (sizes.Length == 0 || sizes.Any(static s => s is < 1 or > int.MaxValue))
        {
            throw new ModelFormatException($"ONNX: expected the sizes of a row, got input {input}: set {nameof(OnnxOptions.Input)}");
        }

        if (wanted is not null && input.Shape is { } known
            && known.Skip(1).Zip(wanted).Any(static p => p.First >= 0 && p.First != p.Second))
        {
            throw new ModelFormatException($"ONNX: expected an input {options.Input}, got {input}");
        }

        return new([.. sizes.Select(static s => (int)s)], input.Shape?[0] ?? -1, input.Name, fileBytes);
    }

    /// <summary>Throws unless the node reads the previous output and, apart from that, only constants.</summary>
    private static void RequireChain(OnnxNode node, ImportedLayers layers, Dictionary<string, OnnxTensor> constants)
    {
        var computed = node.Inputs.Where(i => i.Length > 0 && !constants.ContainsKey(i)).ToList();
        if (computed is not [var only] || only != layers.Value)
        {
            throw node.Refused($"expected '{layers.Value}' as its only computed input, got "
                + $"{(computed.Count == 0 ? "none" : string.Join(", ", computed))}: branches are not supported");
        }
    }

    private static OnnxNode Softmax(OnnxNode node, ImportedLayers layers, Loss? wanted)
    {
        if (layers.Sizes.Length != 1 || node.Integer("axis", 1) is not (1 or -1)) { throw node.Refused("expected a softmax over scores"); }
        return node.Operation == "Softmax" || wanted is SoftmaxCrossEntropy or Distillation
            ? node
            : throw node.Refused($"expected a softmax: the answers of a cross-entropy ({nameof(OnnxOptions.Objective)}) are probabilities");
    }

    private static Loss Objective(ImportedLayers layers, OnnxNode? softmax, Loss? wanted)
    {
        if (layers.Line is { } line)
        {
            return wanted is null || wanted == line
                ? line : throw new ModelFormatException($"ONNX: expected scores for {wanted}, got values by {line}");
        }

        if (softmax is not null)
        {
            return wanted is null or SoftmaxCrossEntropy or Distillation
                ? wanted ?? new SoftmaxCrossEntropy() : throw softmax.Refused($"expected scores for {wanted}, got a softmax");
        }

        if (layers.Layers is not [.., Sigmoid] || wanted is not (null or BinaryCrossEntropy)) { return wanted ?? new SquaredError(); }
        layers.Layers.RemoveAt(layers.Layers.Count - 1);
        layers.Values.RemoveAt(layers.Values.Count - 1);
        return wanted ?? new BinaryCrossEntropy();
    }

    private static ImportedNetwork Made(OnnxGraph graph, ImportedLayers layers, Loss objective)
    {
        if (layers.Shape.Samples > 1) { layers.Reshape([layers.Shape.Size]); }
        var head = layers.Values.FindLastIndex(static v => v.Length > 0);
        if (head < 0) { throw new ModelFormatException("ONNX: expected layers with weights, got none"); }
        ImmutableArray<Layer> trunk = head > 0 ? [.. layers.Layers[..head]] : [new Flatten()];
        var last = layers.Layers[head..];
        var network = new Network(layers.Input, layers.Shape.Channels, trunk,
            [new(trunk.Length - 1, last is [var only] ? only : new Sequential([.. last]))], objective: objective);
        var values = new float[network.Plan.Values];
        var at = 0;
        foreach (var part in layers.Values)
        {
            if (Array.Find(part, static v => !float.IsFinite(v)) is var wrong and not 0)     // a factor may overflow a value
            {
                throw new ModelFormatException($"ONNX: expected finite values, got {wrong}");
            }

            part.CopyTo(values, at);
            at += part.Length;
        }

        var weights = new Weights
        {
            Version = 0,
            SchemaHash = network.Plan.SchemaHash,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
        };
        var origin = new Dictionary<string, string> { ["imported-from"] = "ONNX" };
        if (graph.Producer.Length > 0) { origin["producer"] = graph.Producer; }
        return new(network, weights, OnnxMetadata.On(new() { Provenance = origin.ToImmutableSortedDictionary(StringComparer.Ordinal) },
            network.Plan, graph.Metadata));
    }
}
