namespace Tool;

/// <summary>Emits one C function per layer kind and a call per layer, between two alternating arrays.</summary>
internal sealed class CNetwork(CText text)
{
    private static readonly Dictionary<string, string> Functions = new(StringComparer.Ordinal)
    {
        ["scale"] = """

            static inline void name_scale(float *values, int channels, int samples, const float *mean, const float *inverse)
            {
                int i;
                for (i = 0; i < channels * samples; i++) { values[i] = (values[i] - mean[i / samples]) * inverse[i / samples]; }
            }
            """,
        ["dense"] = """

            static inline void name_dense(const float *from, float *to, int inputs, int outputs, const float *weight, const float *bias)
            {
                int i, o;
                for (o = 0; o < outputs; o++) {
                    float chain[4] = {0};
                    for (i = 0; i < inputs; i++) { chain[i & 3] += from[i] * weight[i * outputs + o]; }
                    to[o] = (chain[0] + chain[1]) + (chain[2] + chain[3]) + bias[o];
                }
            }
            """,
        ["relu"] = """

            static inline void name_relu(float *values, int count)
            {
                int i;
                for (i = 0; i < count; i++) { values[i] = values[i] > 0 ? values[i] : 0; }
            }
            """,
        ["conv"] = """

            static inline void name_conv(const float *from, float *to, int channels, int samples, int filters, int positions, int kernel,
                int stride, int before, const float *weight, const float *bias)
            {
                int f, p, c, k;
                for (f = 0; f < filters; f++) {
                    for (p = 0; p < positions; p++) {
                        float sum = bias[f];
                        for (c = 0; c < channels; c++) {
                            for (k = 0; k < kernel; k++) {
                                const int at = p * stride + k - before;
                                if (at >= 0 && at < samples) { sum += from[c * samples + at] * weight[(c * kernel + k) * filters + f]; }
                            }
                        }
                        to[f * positions + p] = sum;
                    }
                }
            }
            """,
        ["norm"] = """

            static inline void name_norm(float *values, int groups, int channels, int samples, const float *gain, const float *bias)
            {
                const int count = channels / groups * samples;
                int g, i;
                for (g = 0; g < groups; g++) {
                    double sum = 0, squares = 0;
                    float mean, inverse;
                    for (i = g * count; i < (g + 1) * count; i++) {
                        sum += values[i];
                        squares += (double)values[i] * values[i];
                    }
                    sum /= count;
                    squares = squares / count - sum * sum;
                    mean = (float)sum;
                    inverse = (float)(1 / sqrt((squares > 0 ? squares : 0) + 1e-5));
                    for (i = g * count; i < (g + 1) * count; i++) {
                        values[i] = (values[i] - mean) * inverse * gain[i / samples] + bias[i / samples];
                    }
                }
            }
            """,
        ["mean_max"] = """

            static inline void name_mean_max(const float *from, float *to, int channels, int samples)
            {
                int c, i;
                for (c = 0; c < channels; c++) {
                    double sum = 0;
                    float greatest = from[c * samples];
                    for (i = c * samples; i < (c + 1) * samples; i++) {
                        sum += from[i];
                        if (from[i] > greatest) { greatest = from[i]; }
                    }
                    to[c] = (float)(sum / samples);
                    to[channels + c] = greatest;
                }
            }
            """,
    };

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly List<string> _calls = [];
    private bool _isSecond;

    /// <summary>Values in the widest layer.</summary>
    internal int Width { get; private set; }

    /// <summary>Name of the array with the last layer's values.</summary>
    internal string Here => _isSecond ? "name_b" : "name_a";

    internal string Calls => string.Join('\n', _calls);

    /// <summary>Adds the network up to the last exit, with its head.</summary>
    /// <exception cref="NotSupportedException">The message names a layer without a C form.</exception>
    internal void Add(Network network, ReadOnlySpan<float> values)
    {
        var heads = network.HeadPlans.Sum(static plan => plan.Values) - network.HeadPlans[^1].Values;
        Width = network.Plan.Input.Size;
        foreach (var (i, layer) in network.Layers.Index())
        {
            Add(layer, network.Boundaries[i], $"{i}", values[..network.LayerPlans[i].Values]);
            values = values[network.LayerPlans[i].Values..];
        }

        Add(network.Exits[^1].Head, network.Boundaries[^1], "exit", values[heads..]);
    }

    private void Add(Layer layer, Shape input, string place, ReadOnlySpan<float> values)
    {
        var output = layer.Plan(input).Output;
        Width = Math.Max(Width, output.Size);
        switch (layer)
        {
            case Sequential several:
                var shape = input;
                foreach (var (i, inner) in several.Layers.Index())
                {
                    var plan = inner.Plan(shape);
                    Add(inner, shape, $"{place}_{i}", values[..plan.Values]);
                    shape = plan.Output;
                    values = values[plan.Values..];
                }

                break;
            case Scale:
                Call("scale", $"{Here}, {input.Channels}, {input.Samples}", place, values, input.Channels, "mean", "inverse");
                break;
            case Dense:
                Move("dense", $"{input.Size}, {output.Channels}", place, values, values.Length - output.Channels, "weight", "bias");
                break;
            case Conv1d conv:
                var before = conv.Padding == Padding.Same
                    ? Math.Max(0, ((output.Samples - 1) * conv.Stride) + conv.Kernel - input.Samples) / 2 : conv.Padding;
                Move("conv", $"{input.Channels}, {input.Samples}, {conv.Filters}, {output.Samples}, {conv.Kernel}, {conv.Stride}, {before}",
                    place, values, values.Length - conv.Filters, "weight", "bias");
                break;
            case GroupNorm norm:
                Call("norm", $"{Here}, {norm.Groups}, {input.Channels}, {input.Samples}", place, values, input.Channels, "gain", "bias");
                break;
            case GlobalMeanMax: Move("mean_max", $"{input.Channels}, {input.Samples}", place, [], 0); break;
            case Relu: Call("relu", $"{Here}, {input.Size}", place, [], 0); break;
            case Flatten or Dropout: break;
            default: throw new NotSupportedException($"C: layer {place}, {layer}: not supported in C");
        }
    }

    private void Move(string function, string sizes, string place, ReadOnlySpan<float> values, int first, params string[] names)
    {
        var from = Here;
        _isSecond = !_isSecond;
        Call(function, $"{from}, {Here}, {sizes}", place, values, first, names);
    }

    /// <summary>Passes the given number of values under the first name and the rest under the second.</summary>
    private void Call(string function, string sizes, string place, ReadOnlySpan<float> values, int first, params string[] names)
    {
        if (_used.Add(function)) { text.Add(Functions[function]); }
        if (names is [var one, var two])
        {
            text.Singles($"{one}_{place}", values[..first]);
            text.Singles($"{two}_{place}", values[first..]);
        }

        _calls.Add($"    name_{function}({sizes}{string.Concat(names.Select(n => $", name_{n}_{place}"))});");
    }
}
