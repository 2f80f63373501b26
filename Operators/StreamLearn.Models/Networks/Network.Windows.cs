namespace StreamLearn.Models;

public sealed partial class Network
{
    /// <summary>Creates a small network for sensor windows: two convolutions over time, each with an exit.</summary>
    /// <remarks>Shape: [channels, samples] to [classes]. Cost: the first stride grows with the window, leaving about 64 positions. Loss: ½
    /// · first exit + second exit.</remarks>
    /// <param name="channels">Channels, at least 1.</param>
    /// <param name="samples">Samples of a window, at least 1.</param>
    /// <param name="classes">Classes, at least 2; 1 for a value.</param>
    /// <param name="seed">Seed of the initial values.</param>
    /// <param name="features">The float32 columns, in order; empty: any.</param>
    /// <param name="objective">The loss; null: softmax cross-entropy.</param>
    public static Network OfWindows(int channels, int samples, int classes, long seed = 0, ImmutableArray<Field> features = default,
        Loss? objective = null)
    {
        var stride = Math.Max(2, samples / 128);
        var kernel = Math.Max(9, (2 * stride) + 1);
        return new(
            new(channels, samples),
            classes,
            [
                new Scale(),
                new Conv1d(16, kernel, stride, kernel / 2), new GroupNorm(2), new Relu(),
                new Conv1d(32, 9, 2, 4), new GroupNorm(4), new Relu(),
            ],
            [
                new(3, new Sequential(new GlobalMeanMax(), new Dense(classes)), 0.5f),
                new(6, new Sequential(new GlobalMeanMax(), new Dense(classes))),
            ],
            seed,
            features,
            objective);
    }
}
