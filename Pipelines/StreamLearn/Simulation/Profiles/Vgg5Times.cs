namespace StreamLearn.Simulation;

/// <summary>Measured times of the layers of VGG-5 in training, in seconds a row: sums up to split index 0 to 6, one for each of the seven
/// layers that the papers count.</summary>
/// <remarks>
/// They were measured for batches of 100 rows. The library's own network has six parts: its last dense layer is the head of the exit after
/// part 5. Its table is <c>Without(5)</c>, in which both dense layers are one. Source: the code of Samikwa et al. (2022), ARES; what is the
/// library's own assumption says so.
/// </remarks>
public static class Vgg5Times
{
    /// <summary>Multiply-adds of a row forward.</summary>
    internal const long MultiplyAdds = 8_488_192;

    private const double Batch = 100;
    private const double ServerSeconds = .15;

    /// <summary>A Raspberry Pi 3.</summary>
    public static LayerTimes Pi3 { get; } = Of(
        [.8615, .9475, 1.4471, 1.4670, 1.6472, 1.7772, 1.8515],
        [.4920, .5453, 1.5310, 1.4755, 1.9282, 2.0050, 2.0915]);

    /// <summary>A Jetson Nano at full power.</summary>
    public static LayerTimes NanoMaxn { get; } = Of(
        [.00935, .01496, .01994, .02016, .04313, .10707, .12375],
        [.01922, .01168, .01646, .02846, .02261, .09011, .08125]);

    /// <summary>A Jetson Nano limited to 5 W: 1.75 times as long as <see cref="NanoMaxn"/>, by assumption.</summary>
    public static LayerTimes Nano5w { get; } = NanoMaxn.Times(1.75);

    /// <summary>A Jetson Nano in a mode below 5 W: 3.5 times as long as <see cref="NanoMaxn"/>, by assumption.</summary>
    public static LayerTimes NanoCustom { get; } = NanoMaxn.Times(3.5);

    /// <summary>A server at the edge: 0.15 s a batch in all, in proportion to <see cref="Pi3"/>, by assumption.</summary>
    public static LayerTimes EdgeServer { get; } = Pi3.Times(ServerSeconds / Batch / Pi3.Seconds(0, Pi3.Count));

    private static LayerTimes Of(double[] forward, double[] backward) =>
        new([.. forward.Select(static t => t / Batch)], [.. backward.Select(static t => t / Batch)]);
}
