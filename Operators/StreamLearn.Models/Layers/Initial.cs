namespace StreamLearn.Models;

/// <summary>The initial values of a layer, if they are not uniform in ±1/√fan-in.</summary>
/// <param name="Deviation">Standard deviation of the weights before truncation at two deviations, above 0.</param>
/// <param name="Bias">Value of every bias.</param>
public sealed record Initial(float Deviation, float Bias)
{
    /// <summary>Draws weights from a normal distribution truncated at two deviations.</summary>
    /// <param name="deviation">Standard deviation, above 0.</param>
    /// <param name="bias">Value of every bias.</param>
    public static Initial TruncatedNormal(float deviation, float bias) => new(deviation, bias);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"normal {Deviation} bias {Bias}");

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
