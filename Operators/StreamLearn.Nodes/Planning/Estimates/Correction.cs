namespace StreamLearn.Nodes;

/// <summary>Smoothed ratios of measured to predicted times by device and layer type. Immutable.</summary>
/// <remarks>Source: Kang et al. (2017), Neurosurgeon; the mean, with a share of 0.2, is ours.</remarks>
internal sealed class Correction
{
    private readonly ImmutableDictionary<(string Device, string Type), double> _factors;
    private readonly double _share;

    public Correction(double share = 0.2)
        : this(share is > 0 and <= 1 ? share : throw new ArgumentOutOfRangeException(nameof(share), share, "expected above 0, at most 1"),
            ImmutableDictionary<(string Device, string Type), double>.Empty)
    {
    }

    private Correction(double share, ImmutableDictionary<(string Device, string Type), double> factors) =>
        (_share, _factors) = (share, factors);

    public double Factor(string device, string type = "") => _factors.GetValueOrDefault((device, type), 1);

    /// <summary>Returns the correction after a measurement; a measurement that is not a positive number changes nothing.</summary>
    public Correction After(string device, string type, double predicted, double measured)
    {
        var factor = Factor(device, type);
        var next = Next(factor, predicted, measured, _share);
        return next == factor ? this : new(_share, _factors.SetItem((device, type), next));
    }

    /// <summary>Returns a factor after a measurement; a measurement that is not a positive number changes nothing.</summary>
    public static double Next(double factor, double predicted, double measured, double share = 0.2)
    {
        var ratio = measured / predicted;
        return ratio > 0 && double.IsFinite(ratio) ? factor + (share * (ratio - factor)) : factor;
    }

    public Correction Without(string device) => new(_share, _factors.RemoveRange(_factors.Keys.Where(key => key.Device == device)));

    public LayerTimes Apply(string device, LayerTimes times, ImmutableArray<string> types)
    {
        if (types.Length != times.Count)
        {
            throw new ArgumentException($"expected {times.Count} types, got {types.Length}", nameof(types));
        }

        return new(Corrected(times.Forward), Corrected(times.Backward));

        ImmutableArray<double> Corrected(ImmutableArray<double> sums)
        {
            var (corrected, sum) = (ImmutableArray.CreateBuilder<double>(sums.Length), 0.0);
            for (var i = 0; i < sums.Length; i++)
            {
                sum += Factor(device, types[i]) * (sums[i] - (i == 0 ? 0 : sums[i - 1]));
                corrected.Add(sum);
            }

            return corrected.MoveToImmutable();
        }
    }
}
