namespace StreamLearn.Models;

/// <summary>The shape of a row: channels of a row-major grid. Signals have height 1; feature vectors have one value per channel.</summary>
/// <param name="Channels">Channels or features, at least 1.</param>
/// <param name="Height">Lines per channel, at least 1; 1 for a signal.</param>
/// <param name="Width">Values per line, at least 1.</param>
public readonly record struct Shape(int Channels, int Height, int Width)
{
    /// <summary>Creates a signal or, with one sample, a feature vector.</summary>
    /// <param name="channels">Channels or features, at least 1.</param>
    /// <param name="samples">Samples per channel, at least 1; default 1.</param>
    public Shape(int channels, int samples = 1) : this(channels, 1, samples)
    {
    }

    /// <summary>Values per channel: height × width.</summary>
    public int Samples => Height * Width;

    /// <summary>Values per row.</summary>
    public int Size => Channels * Samples;

    /// <inheritdoc />
    public override string ToString() =>
        Height > 1 ? $"[{Channels}, {Height}, {Width}]" : Width == 1 ? $"[{Channels}]" : $"[{Channels}, {Width}]";
}
