namespace StreamLearn.Models;

/// <summary>Values of a layer before the first step, where they are not to be uniform in ±1/√fan-in.</summary>
/// <param name="Deviation">Standard deviation of the weights before values beyond twice as much are drawn again, above 0.</param>
/// <param name="Bias">Every bias.</param>
public sealed record Initial(float Deviation, float Bias)
{
    /// <summary>Weights from a normal distribution cut off at two standard deviations, and one value for every bias.</summary>
    /// <param name="deviation">Standard deviation, above 0.</param>
    /// <param name="bias">Every bias.</param>
    public static Initial TruncatedNormal(float deviation, float bias) => new(deviation, bias);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"normal {Deviation} bias {Bias}");

    /// <summary>weights and biases, in this order, all of them filled.</summary>
    internal void Fill(Span<float> weights, Span<float> biases, RandomStream random)
    {
        foreach (ref var weight in weights)
        {
            double value;
            do { value = random.NextGaussian(); } while (Math.Abs(value) > 2);
            weight = (float)(Deviation * value);
        }

        biases.Fill(Bias);
    }
}
