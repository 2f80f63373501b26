namespace StreamLearn.Models;

/// <summary>Assigns layer boundaries to four buffers: two for all rows between stages, two for a stage's current rows.</summary>
internal sealed class RowBlockBuffers
{
    private readonly int[] _buffers;        // [b]: the buffer of boundary b

    internal RowBlockBuffers(LayerChain chain, Func<int, bool> isInside)
    {
        _buffers = new int[chain.Layers.Length];
        for (int b = 1, next = 0, nextInside = 0; b < _buffers.Length; b++)
        {
            // fused, therefore unused, and its neighbors must not share a buffer
            if (chain.IsFusedIntoPrevious(b)) { continue; }
            var size = chain.Boundaries[b].Size;
            nextInside = 1 - nextInside;
            if (isInside(b)) { (_buffers[b], Inside) = (2 + nextInside, Math.Max(Inside, size)); }
            else { (_buffers[b], Between, next) = (next, Math.Max(Between, size), 1 - next); }
        }
    }

    internal int Between { get; }

    internal int Inside { get; }

    internal Span<float> Of(int boundary, int size, int row, int rows, Span<float> between, Span<float> inside)
    {
        var buffer = _buffers[boundary];
        return buffer < 2 ? between.Slice((buffer * between.Length / 2) + (row * size), rows * size)
            : inside.Slice((buffer - 2) * inside.Length / 2, rows * size);
    }
}
