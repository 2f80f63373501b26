namespace StreamLearn.Nodes;

/// <summary>A convolution or a pool over square feature maps, by its shapes: what a part of its rows costs.</summary>
/// <param name="Kernel">Side of the window.</param>
/// <param name="Stride">Steps of the window.</param>
/// <param name="Padding">Rows of zeros at each border.</param>
/// <param name="Inputs">Channels before it.</param>
/// <param name="Outputs">Channels after it.</param>
/// <param name="Height">Rows, and columns, before it.</param>
/// <param name="IsPool">True: it has no weights, and its multiply-adds count as none.</param>
public readonly record struct MapLayer(int Kernel, int Stride, int Padding, int Inputs, int Outputs, int Height, bool IsPool = false)
{
    /// <summary>Rows, and columns, after it.</summary>
    public int OutputHeight => ((Height + (2 * Padding) - Kernel) / Stride) + 1;

    /// <summary>Multiply-adds of a row of its output.</summary>
    public long MultiplyAddsPerRow => IsPool ? 0 : (long)Kernel * Kernel * Inputs * Outputs * OutputHeight;

    /// <summary>Values of a row of its input.</summary>
    public long InputValuesPerRow => (long)Inputs * Height;

    /// <summary>Values of a row of its output.</summary>
    public long OutputValuesPerRow => (long)Outputs * OutputHeight;

    /// <summary>The rows of its input that rows [first, end) of its output need: without the zeros at the borders.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="end">The row after the last one.</param>
    public (int First, int End) RowsFor(int first, int end) =>
        (Math.Max(0, (first * Stride) - Padding), Math.Min(Height, ((end - 1) * Stride) - Padding + Kernel));
}
