namespace StreamLearn.Nodes;

internal readonly record struct MapLayer(int Kernel, int Stride, int Padding, int Inputs, int Outputs, int Height, bool IsPool = false)
{
    public int OutputHeight => ((Height + (2 * Padding) - Kernel) / Stride) + 1;

    public long MultiplyAddsPerRow => IsPool ? 0 : (long)Kernel * Kernel * Inputs * Outputs * OutputHeight;

    public long InputValuesPerRow => (long)Inputs * Height;

    public long OutputValuesPerRow => (long)Outputs * OutputHeight;

    /// <summary>Returns the input rows that output rows need, without padding.</summary>
    public (int First, int End) RowsFor(int first, int end) =>
        (Math.Max(0, (first * Stride) - Padding), Math.Min(Height, ((end - 1) * Stride) - Padding + Kernel));
}
