using System.Numerics.Tensors;

namespace StreamLearn.Learning;

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
