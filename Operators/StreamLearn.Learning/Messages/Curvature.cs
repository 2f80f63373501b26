using System.Numerics.Tensors;

namespace StreamLearn.Learning;

/// <summary>Curvature of a device's loss between its own model and the global model at the last aggregation.</summary>
/// <param name="Rho">Change of the loss per unit of distance.</param>
/// <param name="Beta">Change of the gradient per unit of distance, at least <see cref="MinBeta"/>.</param>
public readonly record struct Curvature(double Rho, double Beta)
{
    /// <summary>The smallest beta; at 0, every number of steps would be equally good.</summary>
    public const double MinBeta = 1e-5;

    private const double MinDistance = 1e-10;

    /// <summary>Measures both on one batch of rows.</summary>
    /// <param name="localLoss">Loss of the device's model.</param>
    /// <param name="globalLoss">Loss of the global model.</param>
    /// <param name="local">Values of the device's model.</param>
    /// <param name="global">Values of the global model, same length.</param>
    /// <param name="localGradient">Gradient at the device's model, same length.</param>
    /// <param name="globalGradient">Gradient at the global model, same length.</param>
    /// <returns>Both values; if the models are equal, or a value is NaN or infinite, rho is 0 and beta the smallest.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Curvature Of(double localLoss, double globalLoss, ReadOnlySpan<float> local, ReadOnlySpan<float> global,
        ReadOnlySpan<float> localGradient, ReadOnlySpan<float> globalGradient)
    {
        double distance = TensorPrimitives.Distance(local, global);
        var rho = Math.Abs(localLoss - globalLoss) / distance;
        var beta = TensorPrimitives.Distance(localGradient, globalGradient) / distance;
        return distance < MinDistance || !double.IsFinite(rho) || !double.IsFinite(beta)
            ? new(0, MinBeta)
            : new(rho, Math.Max(beta, MinBeta));
    }
}
