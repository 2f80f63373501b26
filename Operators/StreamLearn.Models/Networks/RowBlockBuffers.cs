namespace StreamLearn.Models;

/// <summary>
/// Which of four buffers holds what passes from one layer to the next: the first two hold all rows, from one stage to another; the last two
/// only the rows that a stage takes at a time.
/// </summary>
internal sealed class RowBlockBuffers
{
    private readonly int[] _buffers;        // [b] is the buffer of boundary b

    internal RowBlockBuffers(LayerChain chain, Func<int, bool> isInside)
    {
        _buffers = new int[chain.Layers.Length];
        for (int b = 1, next = 0, nextInside = 0; b < _buffers.Length; b++)
        {
            // nothing passes there; what comes before and after must not take the same buffer
            if (chain.IsFusedIntoPrevious(b)) { continue; }
            var size = chain.Boundaries[b].Size;
            nextInside = 1 - nextInside;
            if (isInside(b)) { (_buffers[b], Inside) = (2 + nextInside, Math.Max(Inside, size)); }
            else { (_buffers[b], Between, next) = (next, Math.Max(Between, size), 1 - next); }
        }
    }

    /// <summary>Values of a row in a buffer of all rows.</summary>
    internal int Between { get; }

    /// <summary>Values of a row in a buffer of a stage.</summary>
    internal int Inside { get; }

    /// <summary>The place of some rows of a boundary.</summary>
    internal Span<float> Of(int boundary, int size, int row, int rows, Span<float> between, Span<float> inside)
    {
        var buffer = _buffers[boundary];
        return buffer < 2 ? between.Slice((buffer * between.Length / 2) + (row * size), rows * size)
            : inside.Slice((buffer - 2) * inside.Length / 2, rows * size);
    }
}
