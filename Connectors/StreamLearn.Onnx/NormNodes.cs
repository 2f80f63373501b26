namespace StreamLearn.Onnx;

internal static class NormNodes
{
    internal static void AddBatchNorm(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(5);
        node.Only("training_mode", 0);
        node.Only("spatial", 1);
        var (epsilon, kept, channels) = (node.Single("epsilon", 1e-5f), node.Single("momentum", 0.9f), layers.Sizes[0]);
        layers.Reserve(4L * channels);
        float[] values = [.. given.Flat(1, channels), .. given.Flat(2, channels), .. given.Flat(3, channels), .. given.Flat(4, channels)];
        if (values.AsSpan(3 * channels).ContainsAnyInRange(float.NegativeInfinity, -float.Epsilon))
        {
            throw node.Refused("expected variances of at least 0");
        }

        layers.Add(new BatchNorm(kept is >= 0 and < 1 ? 1 - kept : 0.1f, epsilon), layers.Sizes, values);
    }

    internal static void AddLayerNorm(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(3);
        node.Only("stash_type", 1);
        var (axis, sizes) = (node.Integer("axis", -1), layers.Sizes.Select(static s => (long)s));
        if ((axis != 1 && axis != -layers.Sizes.Length) || !given.Constant(1).Shape.SequenceEqual(sizes)
            || (given.Has(2) && !given.Constant(2).Shape.SequenceEqual(sizes)))
        {
            throw node.Refused(
                $"expected a norm over rows of [{string.Join(", ", layers.Sizes)}], got axis {axis} and {given.Constant(1)}");
        }

        layers.Reserve(2L * layers.Shape.Size);
        layers.Add(new LayerNorm(node.Single("epsilon", 1e-5f)), layers.Sizes,
            [.. given.Constant(1).ToSingles(), .. given.Has(2) ? given.Constant(2).ToSingles() : new float[layers.Shape.Size]]);
    }

    internal static void AddResponseNorm(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(1);
        var size = node.Integer("size", 0);
        if (size is < 1 or > 1 << 20 || size % 2 == 0) { throw node.Refused($"expected an odd size, got {size}"); }
        var (bias, alpha, beta) = (node.Single("bias", 1), node.Single("alpha", 1e-4f) / size, node.Single("beta", 0.75f));
        layers.Add(new LocalResponseNorm((int)size / 2, bias, alpha, beta), layers.Sizes);
    }

    internal static void AddDropout(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(3);
        _ = node.Has("seed");
        var rate = given.Has(1) ? given.Constant(1).ToSingle() : node.Single("ratio", 0.5f);
        if (given.Has(2) && given.Constant(2).ToIntegers() is not [0]) { throw node.Refused("expected a dropout in inference mode"); }
        layers.Add(new Dropout(rate), layers.Sizes);
    }
}
