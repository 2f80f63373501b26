namespace StreamLearn.Learning.Tests;

/// <summary>The layers once more, by their formulas, one value at a time in float64: independent of the library's kernels.</summary>
internal static class Naive
{
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
            MaxPool1d pool => Each((c, t) => Max(c, t * pool.Size, pool.Size)),
            Dense(var outputs) => Each((o, _) => w[(x.Length * outputs) + o] + x.Select((value, k) => value * w[(k * outputs) + o]).Sum()),
            Conv1d conv => Conv(conv),
            GroupNorm norm => Norm(norm),
            Sequential sequence => Chained(sequence),
            _ => throw new ArgumentException($"no formula for {layer}"),
        };

        double[] Conv(Conv1d conv)
        {
            var result = new double[shape.Size];
            for (var f = 0; f < conv.Filters; f++)
            {
                for (var p = 0; p < shape.Samples; p++)
                {
                    var sum = w[(channels * conv.Kernel * conv.Filters) + f];
                    for (var c = 0; c < channels; c++)
                    {
                        for (var j = 0; j < conv.Kernel; j++)
                        {
                            sum += X(c, (p * conv.Stride) + j - conv.Padding) * w[(((c * conv.Kernel) + j) * conv.Filters) + f];
                        }
                    }

                    result[(f * shape.Samples) + p] = sum;
                }
            }

            return result;
        }

        double[] Norm(GroupNorm norm)
        {
            var width = x.Length / norm.Groups;
            var mean = x.Chunk(width).Select(group => group.Average()).ToArray();
            var variance = x.Chunk(width).Select((group, g) => group.Average(value => (value - mean[g]) * (value - mean[g]))).ToArray();
            return Each((c, t) =>
            {
                var g = ((c * samples) + t) / width;
                return ((X(c, t) - mean[g]) / Math.Sqrt(variance[g] + 1e-5) * w[c]) + w[channels + c];
            });
        }

        double[] Chained(Sequential sequence)
        {
            var (values, at) = (x, 0);
            foreach (var part in sequence.Layers)
            {
                var plan = part.Plan(input);
                values = Forward(part, input, w[at..(at + plan.Values)], values);
                (input, at) = (plan.Output, at + plan.Values);
            }

            return values;
        }
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
