namespace StreamLearn.Models;

/// <summary>
/// The shape of one row: channels of a grid of values, row-major. A signal is an image of height 1; a plain feature vector has one value a
/// channel.
/// </summary>
/// <param name="Channels">Channels, or features; at least 1.</param>
/// <param name="Height">Lines of a channel; at least 1, and 1 for a signal.</param>
/// <param name="Width">Values of a line; at least 1.</param>
public readonly record struct Shape(int Channels, int Height, int Width)
{
    /// <summary>A signal, or, with one sample, a feature vector.</summary>
    /// <param name="channels">Channels, or features; at least 1.</param>
    /// <param name="samples">Samples of a channel; at least 1, default 1.</param>
    public Shape(int channels, int samples = 1) : this(channels, 1, samples)
    {
    }

    /// <summary>Values of one channel: height × width.</summary>
    public int Samples => Height * Width;

    /// <summary>Values in one row.</summary>
    public int Size => Channels * Samples;

    /// <inheritdoc />
    public override string ToString() =>
        Height > 1 ? $"[{Channels}, {Height}, {Width}]" : Width == 1 ? $"[{Channels}]" : $"[{Channels}, {Width}]";
}
