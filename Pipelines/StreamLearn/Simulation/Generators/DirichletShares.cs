namespace StreamLearn.Simulation;

internal static class DirichletShares
{
    /// <summary>Draws in logarithms, because all gamma variates may underflow for a small alpha.</summary>
    internal static void Draw(double[] shares, double alpha, RandomStream random)
    {
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        for (var i = 0; i < shares.Length; i++)
        {
            shares[i] = Math.Log(Gamma(alpha + 1, random)) + (Math.Log(1 - random.NextDouble()) / alpha);
            largest = Math.Max(largest, shares[i]);
        }

        for (var i = 0; i < shares.Length; i++) { sum += shares[i] = Math.Exp(shares[i] - largest); }
        for (var i = 0; i < shares.Length; i++) { shares[i] /= sum; }
    }

    private static double Gamma(double shape, RandomStream random)
    {
        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = random.NextGaussian();
            var v = 1 + (c * x);
            if (v <= 0) { continue; }
            v = v * v * v;
            if (Math.Log(1 - random.NextDouble()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v))) { return d * v; }
        }
    }
}
