namespace StreamLearn.Learning;

internal enum RateScaling
{
    None,

    /// <summary>It is proportional, for plain gradient descent. Source: Goyal et al. (2017).</summary>
    Linear,

    /// <summary>It follows the square root, for Adam and similar optimizers. Source: Hoffer, Hubara, Soudry (2017).</summary>
    SquareRoot,
}

/// <summary>A step of <see cref="Target"/> rows in parts that fit into memory; gradients are accumulated.</summary>
internal readonly record struct BatchParts(int Target, int Rows)
{
    public int Count => (Target + Rows - 1) / Rows;

    public int RowsOf(int part) => Math.Min(Rows, Target - (part * Rows));

    /// <summary>Returns the weight with which the sum of the parts' means is the mean of the step.</summary>
    public float WeightOf(int part) => (float)RowsOf(part) / Target;
}

/// <summary>Chooses batch sizes by memory, throughput and gradient noise.</summary>
/// <remarks>Source: Goyal et al. (2017) for warm-up; McCandlish et al. (2018), appendix A.1, for the noise scale.</remarks>
internal static class BatchSizeTuner
{
    public const int WarmUpSteps = 100;

    /// <summary>Growth of throughput below which doubling stops.</summary>
    public const double MinGrowth = 0.05;

    /// <summary>Returns the maximum number of rows that fit into memory; 0 if none do.</summary>
    public static int MaxRows(IModel model, Optimizer optimizer, long freeBytes, int most = 4096, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var (fits, above) = (0, Math.Min(most, LargestArray(model)) + 1);
        while (above - fits > 1)
        {
            var middle = fits + ((above - fits) / 2);
            if (BytesOf(middle) <= freeBytes) { fits = middle; }
            else { above = middle; }
        }

        return fits;

        long BytesOf(int rows) => model.Memory(rows, optimizer, threads)?.TrainingBytes
            ?? throw new ArgumentException($"expected a model with a memory plan, got {model}", nameof(model));
    }

    public static int BestThroughput(int most, Func<int, double> rowsPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var (best, rate) = (1, rowsPerSecond(1));
        for (var rows = 1; rows < most;)
        {
            rows = (int)Math.Min(2L * rows, most);
            var next = rowsPerSecond(rows);
            var grows = next >= (1 + MinGrowth) * rate;
            if (next > rate) { (best, rate) = (rows, next); }
            if (!grows) { break; }
        }

        return best;
    }

    /// <summary>B = tr(Σ) / |G|²: the batch size beyond which gradients hardly improve; infinite if no signal exceeds the noise.</summary>
    /// <remarks>From the mean |g|² of small and large batches: |G|² = (L·l − S·s) / (L − S), tr(Σ) = (s − l) / (1/S − 1/L).</remarks>
    public static double NoiseScale(int smallRows, double smallSquare, int largeRows, double largeSquare)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(smallRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(largeRows, smallRows);
        var signal = ((largeRows * largeSquare) - (smallRows * smallSquare)) / ((double)largeRows - smallRows);
        var noise = (smallSquare - largeSquare) / ((1.0 / smallRows) - (1.0 / largeRows));
        return noise <= 0 ? 0 : signal <= 0 ? double.PositiveInfinity : noise / signal;
    }

    /// <summary>Sums over trained values, in order, in float64.</summary>
    public static double SquaredNorm(ModelPlan plan, ReadOnlySpan<float> gradients)
    {
        double squares = 0;
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            foreach (var value in slice.Of(gradients)) { squares += (double)value * value; }
        }

        return squares;
    }

    public static int Choose(int most, double noiseScale) =>
        noiseScale >= most ? Math.Max(1, most) : Math.Max(1, (int)Math.Ceiling(noiseScale));

    public static BatchParts Parts(int target, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var parts = (target + (long)most - 1) / most;
        return new(target, (int)((target + parts - 1) / parts));        // parts of nearly equal size
    }

    /// <summary>Interpolates over the first 100 steps after a change.</summary>
    public static float Rate(float rate, int oldRows, int newRows, RateScaling scaling, long stepsSince)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(newRows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(stepsSince);
        var ratio = (double)newRows / oldRows;
        var scaled = rate * scaling switch { RateScaling.Linear => ratio, RateScaling.SquareRoot => Math.Sqrt(ratio), _ => 1 };
        return (float)(rate + ((scaled - rate) * Math.Min(1, stepsSince / (double)WarmUpSteps)));
    }

    /// <summary>Returns the number of rows whose tape does not exceed the maximum length of an array.</summary>
    internal static int LargestArray(IModel model)
    {
        if (model.Memory(1) is not { } step) { return Array.MaxLength; }
        return (int)Math.Max(1, Array.MaxLength / Math.Max(1, Math.Max(step.TapeBytes, step.ScratchBytes) / 4));
    }
}
