namespace StreamLearn.Models;

/// <summary>The statistics of parts for a global reduction: the mean of each channel, as two float32, and its maximum.</summary>
/// <remarks>A mean of finite values is finite, unlike a sum; two float32 hold 48 bits, so that the merge rounds once.</remarks>
internal static class PartialStatistics
{
    /// <summary>Returns the number of statistics per channel; 0: no global reduction.</summary>
    internal static int PerChannel(Layer layer) => Means(layer) + Maxima(layer);

    internal static void Take(Layer layer, ReadOnlySpan<float> lines, int channels, Span<float> statistics)
    {
        var (samples, at) = (lines.Length / channels, 0);
        for (var c = 0; c < channels; c++)
        {
            var channel = lines.Slice(c * samples, samples);
            if (Means(layer) > 0)
            {
                var mean = Sums.Of(channel) / samples;
                statistics[at++] = (float)mean;
                statistics[at++] = (float)(mean - (float)mean);
            }

            if (Maxima(layer) > 0) { statistics[at++] = Pooling.Greatest(channel); }
        }
    }

    /// <summary>The statistics are at the first line of each part.</summary>
    internal static void Merge(Layer layer, ReadOnlySpan<IndexRange> parts, int lines, ReadOnlySpan<float> statistics, Span<float> outputs)
    {
        var size = statistics.Length / lines;
        var channels = size / PerChannel(layer);
        for (var c = 0; c < channels; c++)
        {
            var (sum, greatest) = (0.0, float.NegativeInfinity);
            for (var at = 0; at < lines;)       // in line order, for any order of parts
            {
                var part = Beginning(parts, at);
                var own = statistics[((at * size) + (c * PerChannel(layer)))..];
                if (Means(layer) > 0) { sum += ((double)own[0] + own[1]) * part.Count; }
                if (Maxima(layer) > 0) { greatest = MathF.Max(greatest, own[Means(layer)]); }
                at = part.To;
            }

            if (Means(layer) > 0) { outputs[c] = (float)(sum / lines); }
            if (Maxima(layer) > 0) { outputs[Means(layer) > 0 ? channels + c : c] = greatest; }
        }
    }

    private static int Means(Layer layer) => layer is GlobalMean or GlobalMeanMax ? 2 : 0;

    private static int Maxima(Layer layer) => layer is GlobalMax or GlobalMeanMax ? 1 : 0;

    private static IndexRange Beginning(ReadOnlySpan<IndexRange> parts, int line)
    {
        foreach (var part in parts)
        {
            if (part.From == line && part.Count > 0) { return part; }
        }

        throw new ArgumentException($"expected parts of all lines, got none that begins with line {line}", nameof(parts));
    }
}
