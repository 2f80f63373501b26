namespace StreamLearn.Onnx;

internal static class GraphExport
{
    /// <summary>The first operator set with layer norms; runtimes since 2022 support it.</summary>
    private const int OperatorSet = 17;

    internal static OnnxGraph Graph(Network network, Weights weights, ModelCard card, OnnxSaveOptions options)
    {
        var nodes = WindowExport.Begin(network.Plan.Input, options.Window);
        var (outputs, values) = (new List<OnnxValue>(), weights.Values.AsMemory());
        var (at, exit, head) = (0, 0, network.LayerPlans.Sum(static plan => plan.Values));
        int[] taken = options.Window is { } window ? [window.Rows, window.Channels] : nodes.Sizes;
        var input = new OnnxValue(ExportedNodes.Input, OnnxTensor.Float, [-1, .. taken]);
        for (var i = 0; i < network.Layers.Length; i++)
        {
            var (shape, length) = (network.Boundaries[i], network.LayerPlans[i].Values);
            LayerExport.Add(network.Layers[i], shape, $"{i}", values.Slice(at, length), nodes);
            at += length;
            if (network.Exits[exit].After != i) { continue; }
            var (value, sizes, isLast) = (nodes.Value, nodes.Sizes, exit == network.ExitCount - 1);
            if (isLast || options.AllExits)
            {
                var first = nodes.Nodes.Count;
                LayerExport.Add(network.Exits[exit].Head, network.Boundaries[i + 1], $"exit{exit}",
                    values.Slice(head, network.HeadPlans[exit].Values), nodes);
                AddAnswer(network.Objective, network.Plan.Outputs, $"exit{exit}", nodes);
                outputs.Add(nodes.End(isLast ? "output" : $"exit{exit}", first));
                nodes.Resume(value, sizes);
            }

            head += network.HeadPlans[exit++].Values;
        }

        return new("network", "StreamLearn", OperatorSet, nodes.Nodes, nodes.Constants, [input], outputs)
        {
            ModelVersion = weights.Version,
            Metadata = OnnxMetadata.Of(network.Plan, card, options.Window),
        };
    }

    internal static void Check(ModelPlan plan, Weights weights, ModelCard card, OnnxWindow? window)
    {
        if (weights.SchemaHash != plan.SchemaHash || weights.Values.Length != plan.Values)
        {
            throw new ArgumentException(
                $"expected weights of {plan.Values} values of schema {plan.SchemaHash:x16}, got {weights.Values.Length} of schema "
                    + $"{weights.SchemaHash:x16}", nameof(weights));
        }

        foreach (var slice in plan.Slices)
        {
            foreach (var value in slice.Of(weights.Values.AsSpan()))
            {
                if (!float.IsFinite(value))
                {
                    throw new ArgumentException($"expected finite values in {slice.Name}, got {value}", nameof(weights));
                }
            }
        }

        var outputs = Math.Max(plan.Classes, plan.Outputs);
        if (!card.Labels.IsEmpty && card.Labels.Length != outputs)
        {
            throw new ArgumentException($"expected {outputs} labels, one per class or output, got {card.Labels.Length}", nameof(card));
        }

        if (card.Channels.Length is not 0 and var channels && channels != plan.Input.Channels && channels != window?.Channels)
        {
            throw new ArgumentException($"expected {window?.Channels ?? plan.Input.Channels} channels, got {channels}", nameof(card));
        }
    }

    private static void AddAnswer(Loss objective, int outputs, string place, ExportedNodes nodes)
    {
        nodes.Place = $"{place}/answer";
        nodes.Reshape(outputs);
        switch (objective)
        {
            case SoftmaxCrossEntropy or Distillation:
                nodes.Add("Softmax", nodes.Sizes, [], new OnnxAttribute("axis") { Integer = -1 });
                break;
            case BinaryCrossEntropy: nodes.Add("Sigmoid", nodes.Sizes, []); break;
            case SquaredError { Mean: 0, Deviation: 1 } or Huber: break;
            case SquaredError of: AddLine(of.Deviation, of.Mean); break;
            case SmoothSvm:
                AddLine(0.5f, 0.5f);
                nodes.Add("Clip", nodes.Sizes, [nodes.Singles("min", [], [0]), nodes.Singles("max", [], [1])]);
                break;
            default: throw new NotSupportedException($"ONNX: {objective}: its answers are not supported in ONNX files");
        }

        void AddLine(float slope, float start)
        {
            nodes.Add("Mul", nodes.Sizes, [nodes.Singles("deviation", [], [slope])]);
            nodes.Add("Add", nodes.Sizes, [nodes.Singles("mean", [], [start])]);
        }
    }
}
