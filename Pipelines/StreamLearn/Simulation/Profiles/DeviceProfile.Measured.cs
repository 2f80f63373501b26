namespace StreamLearn.Simulation;

/// <remarks> Devices measured in the papers have VGG-5's seven published layer times; networks of this library use
/// <c>LayerTimes.Without(5)</c>. Other layers are timed by multiply-adds, at the rate at which a VGG-5 step (three times its
/// multiply-adds) takes the measured time; that rate is this library's. Source: the code and power logs of Samikwa et al. (2022), ARES.
/// </remarks>
public sealed partial record DeviceProfile
{
    /// <summary>A Raspberry Pi 3: 3.8 W computing, 1.1 W sending, 0.8 W receiving.</summary>
    public static DeviceProfile Pi3 { get; } = Of(Vgg5Times.Pi3, 3.8, 1.1, .8);

    /// <summary>A Jetson Nano at full power: 7.253 W computing, 2.320 W sending, 2.260 W receiving.</summary>
    public static DeviceProfile NanoMaxn { get; } = Of(Vgg5Times.NanoMaxn, 7.253, 2.320, 2.260);

    /// <summary>A Jetson Nano limited to 5 W: 4.205 W computing, 1.917 W sending, 1.912 W receiving.</summary>
    public static DeviceProfile Nano5w { get; } = Of(Vgg5Times.Nano5w, 4.205, 1.917, 1.912);

    /// <summary>A Jetson Nano in a mode below 5 W: 2.396 W computing, 1.754 W sending, 1.755 W receiving.</summary>
    public static DeviceProfile NanoCustom { get; } = Of(Vgg5Times.NanoCustom, 2.396, 1.754, 1.755);

    /// <summary>An edge server with uncounted energy and one core; set more to serve devices concurrently.</summary>
    public static DeviceProfile EdgeServer { get; } = Of(Vgg5Times.EdgeServer, 0, 0, 0);

    private static DeviceProfile Of(LayerTimes times, double computing, double sending, double receiving) => new()
    {
        MultiplyAddsPerSecond = 3 * Vgg5Times.MultiplyAdds / times.Seconds(0, times.Count),
        LayerTimes = times,
        Power = new() { ComputingWatts = computing, SendingWatts = sending, ReceivingWatts = receiving },
    };
}
