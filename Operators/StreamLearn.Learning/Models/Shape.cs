namespace StreamLearn.Learning;

/// <summary>The shape of one row of a model's input: channels by samples, row-major; a plain feature vector has one sample.</summary>
/// <param name="Channels">Channels, or features; at least 1.</param>
/// <param name="Samples">Samples per channel; at least 1.</param>
public readonly record struct Shape(int Channels, int Samples = 1)
{
    /// <summary>Values in one row.</summary>
    public int Size => Channels * Samples;

    /// <inheritdoc />
    public override string ToString() => Samples == 1 ? $"[{Channels}]" : $"[{Channels}, {Samples}]";
}
