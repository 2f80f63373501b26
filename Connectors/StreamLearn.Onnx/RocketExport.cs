using System.Collections.Immutable;

namespace StreamLearn.Onnx;

/// <summary>Computes, from windows [channels, rows], the shares of outputs that exceed a bias.</summary>
/// <remarks>Bit-identical outputs need sums in the order of <c>RocketTransform</c>, so sums of over two values are split.</remarks>
internal sealed class RocketExport(OnnxConvolutions kernels, ExportedNodes nodes)
{
    private const int Taps = OnnxConvolutions.Taps;

    internal void Add()
    {
        var (places, rows) = (kernels.Kernels, kernels.Rows);
        var scaled = nodes.Node("Mul", [nodes.Value, nodes.Singles("rocket.scale", [kernels.Channels, 1], [.. kernels.Scales])]);
        var (parts, order) = (new List<string>(), new List<int>());
        foreach (var same in places.GroupBy(static p => p.Dilation))
        {
            var reach = 4L * same.Key;
            // plus a zero channel for kernels with fewer channels
            var padded = nodes.Node("Pad", [scaled, nodes.Whole([0, 0, reach, 0, 1, reach]), nodes.Singles("zero", [], [0])]);
            var nine = Slice(padded, 0, rows);
            for (var tap = 1; tap < Taps; tap++) { nine = nodes.Node("Add", [nine, Slice(padded, tap * same.Key, rows)]); }
            var sums = nodes.Node("Neg", [nine]);
            foreach (var group in same.GroupBy(static p => p.IsInner))
            {
                ImmutableArray<OnnxKernel> those = [.. group];
                var outputs = Outputs(those, padded, sums);
                var count = rows;
                if (group.Key)
                {
                    count = rows - (8 * same.Key);
                    outputs = Slice(outputs, 4 * same.Key, count);
                }

                parts.Add(Shares(those, outputs, count));
                order.AddRange(those.SelectMany(static p => Enumerable.Range(p.FirstFeature, p.Features)));
            }
        }

        var all = nodes.Node("Concat", [.. parts], Of("axis", 1));
        var sorted = Enumerable.Range(0, order.Count).OrderBy(at => order[at]).Select(static at => (long)at);
        nodes.Resume(nodes.Node("Gather", [all, nodes.Whole([.. sorted])], Of("axis", 1)), [kernels.Biases.Length]);
    }

    private string Outputs(ImmutableArray<OnnxKernel> those, string padded, string sums)
    {
        var (pairs, thirds) = (new float[those.Length * Taps], new float[those.Length * Taps]);
        foreach (var (i, place) in those.Index())
        {
            (pairs[(i * Taps) + place.Weights.A], pairs[(i * Taps) + place.Weights.B]) = (1, 1);
            thirds[(i * Taps) + place.Weights.C] = 1;
        }

        var mixed = Mixed(those, padded);
        var three = nodes.Node("Add", [Pick("pair", pairs), Pick("third", thirds)]);
        return nodes.Node("Add", [Mixed(those, sums), nodes.Node("Mul", [three, nodes.Singles("three", [], [3])])]);

        string Pick(string name, float[] taps) => nodes.Node("Conv",
            [mixed, nodes.Singles($"rocket.{name}.{those[0].FirstFeature}", [those.Length, 1, Taps], taps)], Of("group", those.Length),
            new OnnxAttribute("kernel_shape") { Integers = [Taps] }, new OnnxAttribute("dilations") { Integers = [those[0].Dilation] });
    }

    private string Mixed(ImmutableArray<OnnxKernel> those, string values)
    {
        string? sum = null;
        for (var i = 0; i < those.Max(static p => p.Channels.Length); i++)
        {
            var channels = those.Select(p => (long)(i < p.Channels.Length ? p.Channels[i] : kernels.Channels));
            var next = nodes.Node("Gather", [values, nodes.Whole([.. channels])], Of("axis", 1));
            sum = sum is null ? next : nodes.Node("Add", [sum, next]);
        }

        return sum!;
    }

    private string Shares(ImmutableArray<OnnxKernel> those, string outputs, int count)
    {
        var each = those[0].Features;
        var biases = nodes.Singles($"rocket.bias.{those[0].FirstFeature}", [those.Length, each, 1],
            [.. those.SelectMany(p => kernels.Biases.AsSpan().Slice(p.FirstFeature, each).ToArray())]);
        var above = nodes.Node("Greater", [nodes.Node("Unsqueeze", [outputs, nodes.Whole([2])]), biases]);
        var counted = nodes.Node("ReduceSum", [nodes.Node("Cast", [above], Of("to", OnnxTensor.Float)), nodes.Whole([3])],
            Of("keepdims", 0));
        var shares = nodes.Node("Div", [counted, nodes.Singles($"rows.{count}", [], [count])]);
        return nodes.Node("Flatten", [shares], Of("axis", 1));
    }

    private string Slice(string values, int from, int count) =>
        nodes.Node("Slice", [values, nodes.Whole([from]), nodes.Whole([from + count]), nodes.Whole([2])]);

    private static OnnxAttribute Of(string name, long value) => new(name) { Integer = value };
}
