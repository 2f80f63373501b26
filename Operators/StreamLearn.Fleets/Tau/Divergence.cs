using System.Numerics.Tensors;

namespace StreamLearn.Fleets;

/// <summary>Divergence of devices during local learning.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019.</remarks>
internal readonly record struct Divergence(double Rho, double Beta, double Delta)
{
    /// <summary>Computes h, the maximum drift of local learning from joint learning; 0 after zero or one step.</summary>
    public double After(double steps, double learningRate) => Math.Max(0,
        (Delta / Beta * (Math.Pow((learningRate * Beta) + 1, steps) - 1)) - (learningRate * Delta * steps));

    /// <summary>Combines measurements at one global model, weighted by rows.</summary>
    public static Divergence? Of(ReadOnlySpan<double> samples, ReadOnlySpan<Curvature> curvatures,
        ReadOnlySpan<ReadOnlyMemory<float>> gradients, Span<float> mean)
    {
        if (samples.Length == 0 || samples.Length != curvatures.Length || samples.Length != gradients.Length)
        {
            throw new ArgumentException(
                $"expected the same number of devices in each, at least one, got {samples.Length}, {curvatures.Length} and "
                    + $"{gradients.Length}",
                nameof(samples));
        }

        var all = 0.0;
        foreach (var rows in samples) { all += rows; }
        mean.Clear();
        for (var d = 0; d < samples.Length; d++) { TensorPrimitives.MultiplyAdd(gradients[d].Span, (float)(samples[d] / all), mean, mean); }

        var (rho, beta, delta) = (0.0, 0.0, 0.0);
        for (var d = 0; d < samples.Length; d++)
        {
            var share = samples[d] / all;
            rho += share * curvatures[d].Rho;
            beta += share * curvatures[d].Beta;
            delta += share * TensorPrimitives.Distance(gradients[d].Span, mean);
        }

        return double.IsFinite(delta) ? new(rho, beta, delta) : null;
    }
}
