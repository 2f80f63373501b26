namespace StreamLearn.Models.Tests;

/// <summary>The layers once more, by their formulas, one value at a time in float64: independent of the library's kernels.</summary>
internal static class Naive
{
    /// <summary>Outputs of the rows of a batch in training, where they may depend on each other.</summary>
    internal static double[][] Batch(Layer layer, Shape input, double[] w, double[][] rows, ulong key = LayerCase.Key)
    {
        switch (layer)
        {
            case BatchNorm norm: return Norm(norm, input, w, rows);
            case Dropout(var rate): return [.. rows.Select((row, r) => Dropped(row, r, rate, key))];
            case Residual residual:
                return [.. Batch(new Sequential(residual.Layers), input, w, rows, key).Zip(rows, (made, given) =>
                    made.Zip(given, (m, g) => m + g).ToArray())];
            case Sequential sequence:
                var at = 0;
                foreach (var (part, place) in sequence.Layers.Select((part, place) => (part, place)))
                {
                    var plan = part.Plan(input);
                    rows = Batch(part, input, w[at..(at + plan.Values)], rows, RandomKeys.Bits(key, (ulong)place));
                    (input, at) = (plan.Output, at + plan.Values);
                }

                return rows;
            default: return [.. rows.Select(row => Forward(layer, input, w, row))];
        }
    }

    internal static double[] Forward(Layer layer, Shape input, double[] w, double[] x)
    {
        var shape = layer.Plan(input).Output;
        var (channels, samples) = (input.Channels, input.Samples);
        double X(int c, int t) => t < 0 || t >= samples ? 0 : x[(c * samples) + t];
        double[] Each(Func<int, int, double> value) =>
            [.. from c in Enumerable.Range(0, shape.Channels) from t in Enumerable.Range(0, shape.Samples) select value(c, t)];
        double Mean(int c) => Enumerable.Range(0, samples).Average(t => X(c, t));
        double Max(int c, int from, int count) => Enumerable.Range(from, count).Max(t => X(c, t));
        return layer switch
        {
            Scale => Each((c, t) => (X(c, t) - w[c]) * w[channels + c]),
            Relu => Each((c, t) => Math.Max(0, X(c, t))),
            GlobalMean => Each((c, _) => Mean(c)),
            GlobalMax => Each((c, _) => Max(c, 0, samples)),
            GlobalMeanMax => Each((c, _) => c < channels ? Mean(c) : Max(c - channels, 0, samples)),
            MaxPool1d or MaxPool2d or AveragePool1d or AveragePool2d or DepthwiseConv1d or DepthwiseConv2d =>
                NaiveWindows.Forward(layer, input, w, x),
            Flatten or Dropout => x,
            LeakyRelu(var slope) => Each((c, t) => X(c, t) > 0 ? X(c, t) : slope * X(c, t)),
            Tanh => Each((c, t) => Math.Tanh(X(c, t))),
            Sigmoid => Each((c, t) => 1 / (1 + Math.Exp(-X(c, t)))),
            LayerNorm(var epsilon) => Normalized(epsilon, w, x),
            LocalResponseNorm lrn => Each((c, t) => X(c, t) / Math.Pow(lrn.Bias + (lrn.Alpha * Enumerable.Range(0, channels)
                .Where(other => Math.Abs(other - c) <= lrn.Size).Sum(other => X(other, t) * X(other, t))), lrn.Beta)),
            Residual residual => [.. Chained(new(residual.Layers), input, w, x).Zip(x, (made, given) => made + given)],
            BatchNorm norm => Each((c, t) =>
                ((X(c, t) - w[(2 * channels) + c]) / Math.Sqrt(w[(3 * channels) + c] + norm.Epsilon) * w[c]) + w[channels + c]),
            LowBitDense(var outputs, LowBits.Exact, LowBits.Exact) =>
                Each((o, _) => x.Select((value, k) => value * w[(k * outputs) + o]).Sum()),
            Dense(var outputs) => Each((o, _) => w[(x.Length * outputs) + o] + x.Select((value, k) => value * w[(k * outputs) + o]).Sum()),
            Conv1d(_, var kernel, var stride, var padding) => Convolved(input, shape, (1, kernel), (1, stride), padding, w, x),
            Conv2d(_, var kernel, var stride, var padding) =>
                Convolved(input, shape, (kernel, kernel), (stride, stride), padding, w, x),
            GroupNorm norm => Normalized(norm, channels, samples, w, x),
            Sequential sequence => Chained(sequence, input, w, x),
            _ => throw new ArgumentException($"no formula for {layer}"),
        };
    }

    private static double[] Convolved(
        Shape input, Shape output, (int Tall, int Wide) kernel, (int Down, int Across) stride, int padding, double[] w, double[] x)
    {
        var (tall, wide) = kernel;
        var (top, left) = (Before(padding, input.Height, tall, stride.Down), Before(padding, input.Width, wide, stride.Across));
        var (filters, taps) = (output.Channels, input.Channels * tall * wide);
        var result = new double[output.Size];
        for (var i = 0; i < result.Length; i++)
        {
            var (f, y, x0) = (i / output.Samples, i % output.Samples / output.Width, i % output.Width);
            result[i] = w[(taps * filters) + f];
            for (var k = 0; k < taps; k++)
            {
                var (line, column) = ((y * stride.Down) + (k / wide % tall) - top, (x0 * stride.Across) + (k % wide) - left);
                if (line < 0 || line >= input.Height || column < 0 || column >= input.Width) { continue; }
                result[i] += x[(((k / wide / tall * input.Height) + line) * input.Width) + column] * w[(k * filters) + f];
            }
        }

        return result;
    }

    private static double[] Normalized(double epsilon, double[] w, double[] x)
    {
        var mean = x.Average();
        var deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + epsilon);
        return [.. x.Select((value, i) => ((value - mean) / deviation * w[i]) + w[x.Length + i])];
    }

    private static double[] Normalized(GroupNorm norm, int channels, int samples, double[] w, double[] x)
    {
        var width = x.Length / norm.Groups;
        var mean = x.Chunk(width).Select(group => group.Average()).ToArray();
        var variance = x.Chunk(width).Select((group, g) => group.Average(value => (value - mean[g]) * (value - mean[g]))).ToArray();
        return
        [
            .. x.Select((value, i) =>
                ((value - mean[i / width]) / Math.Sqrt(variance[i / width] + 1e-5) * w[i / samples]) + w[channels + (i / samples)]),
        ];
    }

    private static double[] Chained(Sequential sequence, Shape input, double[] w, double[] x)
    {
        var at = 0;
        foreach (var part in sequence.Layers)
        {
            var plan = part.Plan(input);
            x = Forward(part, input, w[at..(at + plan.Values)], x);
            (input, at) = (plan.Output, at + plan.Values);
        }
        return x;
    }

    /// <summary>Zeros before the first value of a line.</summary>
    internal static int Before(int padding, int length, int kernel, int stride) => padding != Padding.Same
        ? (kernel == 1 ? 0 : padding) : Math.Max(0, ((((length + stride - 1) / stride) - 1) * stride) + kernel - length) / 2;

    private static double[] Dropped(double[] row, int r, float rate, ulong key) => [.. row.Select((value, i) =>
    {
        var draw = RandomKeys.Bits(key, (ulong)((r * ((row.Length + 1) / 2)) + (i / 2)));
        return (uint)(draw >> (32 * (i % 2))) < rate * 4294967296.0 ? 0 : value / (1 - rate);
    })];

    private static double[][] Norm(BatchNorm norm, Shape input, double[] w, double[][] rows)
    {
        var (channels, samples) = (input.Channels, input.Samples);
        double[][] outputs = [.. rows.Select(row => new double[row.Length])];
        for (var c = 0; c < channels; c++)
        {
            double[] values = [.. rows.SelectMany(row => row.Skip(c * samples).Take(samples))];
            var mean = values.Average();
            var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + norm.Epsilon);
            for (var i = 0; i < values.Length; i++)
            {
                outputs[i / samples][(c * samples) + (i % samples)] = ((values[i] - mean) / deviation * w[c]) + w[channels + c];
            }
        }

        return outputs;
    }

    /// <summary>−ln of the label's probability.</summary>
    internal static double CrossEntropy(double[] logits, int label) => Math.Log(logits.Sum(s => Math.Exp(s - logits[label])));

    /// <summary>The joint loss of a network, mean over rows.</summary>
    internal static double Loss(Network network, double[] weights, float[] features, int[] labels, float[]? offsets = null)
    {
        double loss = 0;
        for (var r = 0; r < labels.Length; r++)
        {
            var row = features.AsSpan(r * network.Plan.Input.Size, network.Plan.Input.Size).ToArray();
            var logits = Logits(network, weights, Array.ConvertAll(row, x => (double)x));
            for (var e = 0; e < logits.Length; e++)
            {
                if (offsets is not null) { logits[e] = [.. logits[e].Select((score, o) => score + offsets[o])]; }
                loss += network.Exits[e].LossWeight * CrossEntropy(logits[e], labels[r]);
            }
        }

        return loss / labels.Length;
    }

    /// <summary>The scores of every exit for one row.</summary>
    internal static double[][] Logits(Network network, double[] weights, double[] row)
    {
        var (boundaries, at) = (new List<double[]> { row }, 0);
        for (var i = 0; i < network.Layers.Length; i++)
        {
            var values = network.Layers[i].Plan(network.Boundaries[i]).Values;
            boundaries.Add(Forward(network.Layers[i], network.Boundaries[i], weights[at..(at + values)], boundaries[i]));
            at += values;
        }

        var logits = new List<double[]>();
        foreach (var exit in network.Exits)
        {
            var shape = network.Boundaries[exit.After + 1];
            var values = exit.Head.Plan(shape).Values;
            logits.Add(Forward(exit.Head, shape, weights[at..(at + values)], boundaries[exit.After + 1]));
            at += values;
        }

        return [.. logits];
    }
}
