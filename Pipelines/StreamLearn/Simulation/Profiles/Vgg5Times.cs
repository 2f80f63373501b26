namespace StreamLearn.Simulation;

/// <summary>Measured training times of VGG-5 in seconds per row: sums up to split index 0 to 6, for the papers' seven layers.</summary>
/// <remarks>Measured with batches of 100 rows. This library's network has six parts: the dense layers are one, and the exit's head follows
/// part 5. Use <c>Without(5)</c> for it. Source: the code of Samikwa et al. (2022), ARES; assumptions of this library are marked.</remarks>
internal static class Vgg5Times
{
    internal const long MultiplyAdds = 8_488_192;

    private const double Batch = 100;
    private const double ServerSeconds = .15;

    internal static LayerTimes Pi3 { get; } = Of(
        [.8615, .9475, 1.4471, 1.4670, 1.6472, 1.7772, 1.8515],
        [.4920, .5453, 1.5310, 1.4755, 1.9282, 2.0050, 2.0915]);

    /// <summary>A Jetson Nano at full power.</summary>
    internal static LayerTimes NanoMaxn { get; } = Of(
        [.00935, .01496, .01994, .02016, .04313, .10707, .12375],
        [.01922, .01168, .01646, .02846, .02261, .09011, .08125]);

    /// <summary>A Jetson Nano limited to 5 W; assumed 1.75 times <see cref="NanoMaxn"/>.</summary>
    internal static LayerTimes Nano5w { get; } = NanoMaxn.Times(1.75);

    /// <summary>A Jetson Nano in a mode below 5 W; assumed 3.5 times <see cref="NanoMaxn"/>.</summary>
    internal static LayerTimes NanoCustom { get; } = NanoMaxn.Times(3.5);

    /// <summary>An edge server; assumed 0.15 s per batch, in proportion to <see cref="Pi3"/>.</summary>
    internal static LayerTimes EdgeServer { get; } = Pi3.Times(ServerSeconds / Batch / Pi3.Seconds(0, Pi3.Count));

    private static LayerTimes Of(double[] forward, double[] backward) =>
        new([.. forward.Select(static t => t / Batch)], [.. backward.Select(static t => t / Batch)]);
}
