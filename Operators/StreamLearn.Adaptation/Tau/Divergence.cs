using System.Numerics.Tensors;

namespace StreamLearn.Adaptation;

/// <summary>How the loss of one device bends between its own model and the global one, both at the last aggregation.</summary>
/// <param name="Rho">The change of its loss for each unit of distance between the two.</param>
/// <param name="Beta">The change of its gradient for each unit of distance, at least <see cref="LeastBeta"/>.</param>
public readonly record struct Curvature(double Rho, double Beta)
{
    /// <summary>The smallest beta: a loss without a bend would make every number of steps equally good.</summary>
    public const double LeastBeta = 1e-5;

    private const double LeastDistance = 1e-10;

    /// <summary>Measures both on one batch of rows.</summary>
    /// <param name="localLoss">The loss of the device's own model.</param>
    /// <param name="globalLoss">The loss of the global model.</param>
    /// <param name="local">The values of the device's own model.</param>
    /// <param name="global">The values of the global model, as many.</param>
    /// <param name="localGradient">The gradient at the device's own model, as many.</param>
    /// <param name="globalGradient">The gradient at the global model, as many.</param>
    /// <returns>Both; where the models are the same, or a value is NaN or infinite, rho 0 and the smallest beta.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Curvature Of(double localLoss, double globalLoss, ReadOnlySpan<float> local, ReadOnlySpan<float> global,
        ReadOnlySpan<float> localGradient, ReadOnlySpan<float> globalGradient)
    {
        double distance = TensorPrimitives.Distance(local, global);
        var rho = Math.Abs(localLoss - globalLoss) / distance;
        var beta = TensorPrimitives.Distance(localGradient, globalGradient) / distance;
        return distance < LeastDistance || !double.IsFinite(rho) || !double.IsFinite(beta)
            ? new(0, LeastBeta)
            : new(rho, Math.Max(beta, LeastBeta));
    }
}

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
