using StreamLearn.Fleets;

namespace Benchmarks;

/// <summary>The significance filter over values, of which a tenth goes each time; beside it, a copy of as many.</summary>
internal static class SignificanceRun
{
    private const long Values = 400_000_000;

    internal static Sample Filter(int count)
    {
        var random = new RandomStream(1, "filter");
        var (weights, unsent, sent) = (new float[count], new float[count], new float[count]);
        for (var i = 0; i < count; i++)
        {
            weights[i] = (float)random.NextGaussian();
            unsent[i] = (float)(0.01 * random.NextGaussian());
        }
        var (rule, given) = (new RelativeSignificance(), 0L);
        return PerSecond(count, () => given += rule.Take(weights, 0.05f, unsent, sent));
    }

    internal static Sample Copy(int count)
    {
        var (from, to) = (new float[count], new float[count]);
        return PerSecond(count, () => from.AsSpan().CopyTo(to));
    }

    private static Sample PerSecond(int count, Action work)
    {
        var rounds = (int)(Values / count);
        var seconds = Measurement.Seconds(() =>
        {
            for (var round = 0; round < rounds; round++) { work(); }
        });
        var values = 1e-9 * rounds * count;
        return seconds with { Value = values / seconds.Value, CpuValue = values / seconds.CpuValue };
    }
}
