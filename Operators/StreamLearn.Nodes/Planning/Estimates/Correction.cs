using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>What measured times are of predicted ones, for each device and type of layer: the weighted mean of their ratios.
/// Immutable.</summary>
/// <remarks>Source: Kang et al. (2017), Neurosurgeon, refines predictions while it runs; the mean, with a share of 0.2, is ours.</remarks>
public sealed class Correction
{
    private readonly ImmutableDictionary<(string Device, string Type), double> _factors;
    private readonly double _share;

    /// <summary>Makes one that corrects nothing.</summary>
    /// <param name="share">What the newest ratio counts, above 0 and at most 1; default 0.2.</param>
    public Correction(double share = 0.2)
        : this(share is > 0 and <= 1 ? share : throw new ArgumentOutOfRangeException(nameof(share), share, "expected above 0, at most 1"),
            ImmutableDictionary<(string Device, string Type), double>.Empty)
    {
    }

    private Correction(double share, ImmutableDictionary<(string Device, string Type), double> factors) =>
        (_share, _factors) = (share, factors);

    /// <summary>The factor of a device and a type of layer; 1 where nothing was measured.</summary>
    /// <param name="device">The name of the device.</param>
    /// <param name="type">The type of the layer, such as <c>conv</c>; empty for all layers together.</param>
    public double Factor(string device, string type = "") => _factors.GetValueOrDefault((device, type), 1);

    /// <summary>The correction after a measurement. One that is no positive number changes nothing.</summary>
    /// <param name="device">The name of the device.</param>
    /// <param name="type">The type of the layer; empty for all layers together.</param>
    /// <param name="predicted">The time without correction.</param>
    /// <param name="measured">The time that was measured.</param>
    public Correction After(string device, string type, double predicted, double measured)
    {
        var factor = Factor(device, type);
        var next = Next(factor, predicted, measured, _share);
        return next == factor ? this : new(_share, _factors.SetItem((device, type), next));
    }

    /// <summary>A factor after a measurement. One that is no positive number changes nothing.</summary>
    /// <param name="factor">The factor before.</param>
    /// <param name="predicted">The time without correction.</param>
    /// <param name="measured">The time that was measured.</param>
    /// <param name="share">What the newest ratio counts, above 0 and at most 1; default 0.2.</param>
    public static double Next(double factor, double predicted, double measured, double share = 0.2)
    {
        var ratio = measured / predicted;
        return ratio > 0 && double.IsFinite(ratio) ? factor + (share * (ratio - factor)) : factor;
    }

    /// <summary>The correction without a device that has left.</summary>
    /// <param name="device">The name of the device.</param>
    public Correction Without(string device) =>
        new(_share, _factors.RemoveRange(_factors.Keys.Where(key => key.Device == device)));

    /// <summary>The times of a device, each layer by the factor of its type.</summary>
    /// <param name="device">The name of the device.</param>
    /// <param name="times">The times without correction.</param>
    /// <param name="types">The type of each layer.</param>
    /// <exception cref="ArgumentException">There are not as many types as layers.</exception>
    public LayerTimes Apply(string device, LayerTimes times, ImmutableArray<string> types)
    {
        ArgumentNullException.ThrowIfNull(times);
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
