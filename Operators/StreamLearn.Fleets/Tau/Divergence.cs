using System.Numerics.Tensors;
using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>How far apart the devices of a fleet run while they learn on their own.</summary>
/// <param name="Rho">The change of the loss for each unit of distance.</param>
/// <param name="Beta">The change of the gradient for each unit of distance, above 0.</param>
/// <param name="Delta">The distance between a device's gradient and that of all devices.</param>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019.</remarks>
public readonly record struct Divergence(double Rho, double Beta, double Delta)
{
    /// <summary>h: the most by which local learning has run away from learning together after some steps; 0 after none and after
    /// one.</summary>
    /// <param name="steps">Local steps, 0 or more.</param>
    /// <param name="learningRate">eta.</param>
    public double After(double steps, double learningRate) => Math.Max(0,
        (Delta / Beta * (Math.Pow((learningRate * Beta) + 1, steps) - 1)) - (learningRate * Delta * steps));

    /// <summary>Puts together what devices measured at the same global model, each counting by its rows.</summary>
    /// <param name="samples">Rows of each device, above 0.</param>
    /// <param name="curvatures">What each measured.</param>
    /// <param name="gradients">The gradient of each at the global model, all of one length.</param>
    /// <param name="mean">Room for the gradient of all, of that length; it holds it then.</param>
    /// <returns>The three; null: a gradient is not finite.</returns>
    /// <exception cref="ArgumentException">The numbers of devices differ, or there is none.</exception>
    public static Divergence? Of(ReadOnlySpan<double> samples, ReadOnlySpan<Curvature> curvatures,
        ReadOnlySpan<ReadOnlyMemory<float>> gradients, Span<float> mean)
    {
        if (samples.Length == 0 || samples.Length != curvatures.Length || samples.Length != gradients.Length)
        {
            throw new ArgumentException(
                $"expected as many devices each time, and one at least, got {samples.Length}, {curvatures.Length} and {gradients.Length}",
                nameof(samples));
        }

        var all = 0.0;
        foreach (var rows in samples) { all += rows; }
        mean.Clear();
        for (var d = 0; d < samples.Length; d++)
        {
            TensorPrimitives.MultiplyAdd(gradients[d].Span, (float)(samples[d] / all), mean, mean);
        }

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
