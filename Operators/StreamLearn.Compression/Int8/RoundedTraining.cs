namespace StreamLearn.Compression;

/// <summary>First rounds only weights and observes activations, then rounds both.</summary>
internal sealed class RoundedTraining(QuantizeAwareOptions options)
{
    private readonly RandomStream _random = new(options.Seed, "quantize-aware");
    private readonly Workspace _memory = new();
    private long _step;

    internal RoundedLayers Train(RoundedLayers start, in Sample rows)
    {
        var batch = Math.Min(options.BatchRows, rows.Rows);
        var steps = (long)options.Epochs * (rows.Rows / batch);
        var delay = (long)(options.Delay * steps);
        var observing = start.Observing().Network;
        var values = Workspace.Zeros(start.Values.Length).Span;
        start.Values.CopyTo(values);
        var (state, gradients) = (new float[options.Optimizer.StateValues * values.Length], new float[values.Length]);
        var (features, labels) = (new float[batch * start.Network.Plan.Input.Size], new int[batch]);
        var targets = new float[batch * (rows.Targets.Length / rows.Rows)];
        var order = new int[rows.Rows];
        for (var i = 0; i < order.Length; i++) { order[i] = i; }
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            Shuffle(order);
            for (var from = 0; from + batch <= order.Length; from += batch)
            {
                for (var i = 0; i < batch; i++) { Copy(rows, order[from + i], i, features, labels, targets); }
                var some = rows.Labels.IsEmpty ? new Sample(features, batch) { Targets = targets, Number = _step }
                    : new Sample(features, labels) { Targets = targets, Number = _step };
                (_step < delay ? observing : start.Network).Step(values, some, options.Optimizer, state, ++_step, gradients, _memory);
            }
        }

        return start with { Values = values.ToArray() };
    }

    private static void Copy(in Sample rows, int row, int to, Span<float> features, Span<int> labels, Span<float> targets)
    {
        var (size, width) = (features.Length / labels.Length, targets.Length / labels.Length);
        rows.Features.Slice(row * size, size).CopyTo(features[(to * size)..]);
        if (width > 0) { rows.Targets.Slice(row * width, width).CopyTo(targets[(to * width)..]); }
        if (!rows.Labels.IsEmpty) { labels[to] = rows.Labels[row]; }
    }

    private void Shuffle(int[] order)
    {
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = _random.NextInt32(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }
    }
}
