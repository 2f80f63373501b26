using StreamLearn.Operators;

namespace Tool;

/// <summary>Writes C code for random convolutions, with bit-identical outputs and shares.</summary>
internal static class CRocket
{
    private const string Code = """

        static inline float name_at(const float *values, int row)
        {
            return row < 0 || row >= NAME_ROWS ? 0.0f : values[row];
        }

        /* The shares of the outputs of each kernel that exceed a bias. */
        static inline void name_prepare(float *to)
        {
            int place = 0, feature = 0, d, a, b, c, i, t, tap;
            const uint16_t *channel = name_mixed;
            for (c = 0; c < NAME_CHANNELS; c++) {
                for (t = 0; t < NAME_ROWS; t++) { name_scaled[c][t] = name_window[c][t] * name_scales[c]; }
            }
            for (d = 0; d < NAME_DILATIONS; d++) {
                const int step = name_dilations[2 * d], each = name_dilations[2 * d + 1], first = place;
                for (c = 0; c < NAME_CHANNELS; c++) {
                    for (t = 0; t < NAME_ROWS; t++) {
                        float sum = name_at(name_scaled[c], t - 4 * step);
                        for (tap = 1; tap < 9; tap++) { sum += name_at(name_scaled[c], t + (tap - 4) * step); }
                        name_nine[c][t] = -sum;
                    }
                }
                for (a = 0; a < 9; a++) {
                    for (b = a + 1; b < 9; b++) {
                        for (c = b + 1; c < 9; c++) {
                            const int count = name_counts[place], cut = (d + place - first) % 2 == 1 ? 4 * step : 0;
                            for (i = 0; i < each; i++) { to[feature + i] = 0; }
                            for (t = cut; t < NAME_ROWS - cut; t++) {
                                float low = name_nine[channel[0]][t], x = name_at(name_scaled[channel[0]], t + (a - 4) * step);
                                float y = name_at(name_scaled[channel[0]], t + (b - 4) * step);
                                float z = name_at(name_scaled[channel[0]], t + (c - 4) * step), output;
                                for (i = 1; i < count; i++) {
                                    low += name_nine[channel[i]][t];
                                    x += name_at(name_scaled[channel[i]], t + (a - 4) * step);
                                    y += name_at(name_scaled[channel[i]], t + (b - 4) * step);
                                    z += name_at(name_scaled[channel[i]], t + (c - 4) * step);
                                }
                                output = x + y;
                                output += z;
                                output *= 3.0f;
                                output += low;
                                for (i = 0; i < each; i++) { to[feature + i] += output > name_biases[feature + i]; }
                            }
                            for (i = 0; i < each; i++) { to[feature + i] /= (float)(NAME_ROWS - 2 * cut); }
                            feature += each;
                            channel += count;
                            place++;
                        }
                    }
                }
            }
        }
        """;

    internal static void Add(CText text, RocketKernels kernels)
    {
        var places = kernels.Places;
        var dilations = places.Select(static p => (p.Dilation, p.Features)).Distinct().ToList();
        text.Define("DILATIONS", dilations.Count);
        text.Wide("dilations", [.. dilations.SelectMany(static d => (int[])[d.Dilation, d.Features])]);
        text.Whole("counts", [.. places.Select(static p => p.Channels.Length)]);
        text.Wide("mixed", [.. places.SelectMany(static p => p.Channels)]);
        text.Singles("scales", kernels.Scales.AsSpan());
        text.Singles("biases", kernels.Biases.AsSpan());
        text.State("float", "scaled", kernels.Channels, kernels.Rows);
        text.State("float", "nine", kernels.Channels, kernels.Rows);
        text.Add(Code);
    }
}
