namespace StreamLearn.Learning;

/// <summary>What one channel's samples come down to.</summary>
internal static class Pooling
{
    /// <summary>The place of the greatest sample; the first of equals.</summary>
    internal static int Greatest(ReadOnlySpan<float> samples)
    {
        var place = 0;
        for (var t = 1; t < samples.Length; t++)
        {
            if (samples[t] > samples[place]) { place = t; }
        }

        return place;
    }

    /// <summary>The mean: samples added in order, in float64.</summary>
    internal static float Mean(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (var sample in samples) { sum += sample; }
        return (float)(sum / samples.Length);
    }
}
