namespace Papers;

internal static class RequestBed
{
    private const string Device = "device", Server = "server";

    internal static ImmutableArray<(string Name, DeviceProfile Profile)> Devices { get; } =
        [("pi3", DeviceProfile.Pi3), ("nano", DeviceProfile.NanoMaxn)];

    internal static ResourceView View(LayerCosts model, DeviceProfile device, double up, double down, double load) => new(
        [NodeView.Of(Device, device, model) with { Rows = 1 }, NodeView.Of(Server, DeviceProfile.EdgeServer, model) with { Load = load }],
        [new(Device, Server, up), new(Server, Device, down)]);
}

/// <summary>A device's estimates of its link, its server and itself: means of probes with an error of 10 %, the newest with weight
/// 0.3.</summary>
internal sealed class NoisyEstimates(LayerCosts model, DeviceProfile device, long seed)
{
    private const double Noise = .1, Newest = .3;
    private const double Least = .2;            // minimum share of the true value, for any noise
    private readonly RandomStream _noise = new(seed, "probes");
    private (double Rate, double Load, double Speed)? _mean;

    internal ResourceView Next(double bitsPerSecond, double load)
    {
        var now = (Rate: Probed(bitsPerSecond), Load: Probed(load), Speed: Probed(device.Speed));
        var mean = _mean is { } old
            ? (Rate: Mix(old.Rate, now.Rate), Load: Mix(old.Load, now.Load), Speed: Mix(old.Speed, now.Speed))
            : now;
        _mean = mean;
        return RequestBed.View(model, device with { Speed = mean.Speed }, mean.Rate, mean.Rate, mean.Load);
    }

    private static double Mix(double mean, double value) => mean + (Newest * (value - mean));

    private double Probed(double value) => value * Math.Max(Least, 1 + (Noise * _noise.NextGaussian()));
}
