using StreamLearn.Models;

namespace StreamLearn.Samples;

/// <summary>A small network for six activities from accelerometer and gyroscope.</summary>
public static class HarNetwork
{
    /// <summary>Channels: three of acceleration, three of rotation.</summary>
    public const int Channels = 6;

    /// <summary>Samples per window.</summary>
    public const int Samples = 128;

    /// <summary>Classes: six activities.</summary>
    public const int Classes = 6;

    /// <summary>Creates the network: two convolutions over time with an exit after each.</summary>
    /// <remarks> Shape: [6, 128] to [6]. State: 6,204 trained values and the scale of six channels. Cost: 55,488 multiply-adds to the first
    /// exit, 203,328 in total. Loss: ½ · first exit + second exit. </remarks>
    /// <param name="seed">Seed of the initial values.</param>
    /// <param name="features">The six float32 columns in order; empty for any six.</param>
    public static Network Create(long seed = 0, ImmutableArray<Field> features = default) =>
        Network.OfWindows(Channels, Samples, Classes, seed, features);
}
