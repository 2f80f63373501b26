using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>What a device knows of its link, its server and itself: weighted means of probes that are 10 % off, of which the newest counts
/// 0.3.</summary>
internal sealed class NoisyEstimates(LayerCosts model, DeviceProfile device, long seed)
{
    private const double Noise = .1;
    private const double Newest = .3;
    private const double Least = .2;            // of what is true, however large the noise

    private readonly RandomStream _noise = new(seed, "probes");
    private (double Rate, double Load, double Speed)? _mean;

    /// <summary>Probes once more, and says what is known.</summary>
    internal ResourceView Next(double bitsPerSecond, double load)
    {
        var now = (Rate: Probed(bitsPerSecond), Load: Probed(load), Speed: Probed(device.Speed));
        var mean = _mean is { } before
            ? (Rate: Mix(before.Rate, now.Rate), Load: Mix(before.Load, now.Load), Speed: Mix(before.Speed, now.Speed))
            : now;
        _mean = mean;
        return InferBed.View(model, device with { Speed = mean.Speed }, mean.Rate, mean.Rate, mean.Load);
    }

    private static double Mix(double mean, double value) => mean + (Newest * (value - mean));

    private double Probed(double value) => value * Math.Max(Least, 1 + (Noise * _noise.NextGaussian()));
}
