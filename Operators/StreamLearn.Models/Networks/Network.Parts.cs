namespace StreamLearn.Models;

/// <content>The values and the multiply-adds of some of the layers.</content>
public sealed partial class Network
{
    /// <summary>Returns the slices of layers [from, to) with their exits, in the order of <see cref="Values"/>.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The end, exclusive.</param>
    public ImmutableArray<Slice> Slices(int from, int to)
    {
        CheckRange(from, to);
        var slices = ImmutableArray.CreateBuilder<Slice>();
        foreach (var slice in Plan.Slices)
        {
            if (_layout.LayerOf(slice.Offset) is var layer && layer >= from && layer < to) { slices.Add(slice); }
        }

        return slices.ToImmutable();
    }

    /// <summary>Returns the forward multiply-adds per row in layers [from, to) and their exits.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The end, exclusive.</param>
    public long MultiplyAdds(int from, int to)
    {
        CheckRange(from, to);
        return PartValues.MultiplyAdds(this, from, to);
    }

    /// <summary>Returns the backward multiply-adds per row in layers [from, to) and their exits: twice the forward ones, minus what a mask
    /// saves.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The end, exclusive.</param>
    public long BackwardMultiplyAdds(int from, int to)
    {
        CheckRange(from, to);
        return PartValues.BackwardMultiplyAdds(this, from, to);
    }

    /// <summary>Returns the size of a <see cref="Tape"/> of all layers in bytes, without pinned weights.</summary>
    /// <param name="rows">Rows in its batch, at least 1.</param>
    public long TapeBytes(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return _layout.Tape(0, Layers.Length).Bytes(rows);
    }

    /// <summary>Copies the values of layers [from, to) and their exits: layer by layer, then head by head.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The end, exclusive.</param>
    /// <param name="weights">All values, or all gradients.</param>
    public float[] Values(int from, int to, ReadOnlySpan<float> weights)
    {
        CheckRange(from, to);
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        var part = new float[PartValues.Count(this, from, to)];
        PartValues.Take(this, from, to, weights, part);
        return part;
    }

    /// <summary>Writes the values of layers [from, to) and their exits, as from <see cref="Values"/>.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The end, exclusive.</param>
    /// <param name="part">The values of the part.</param>
    /// <param name="weights">All values; those of the part are overwritten.</param>
    public void SetValues(int from, int to, ReadOnlySpan<float> part, Span<float> weights)
    {
        CheckRange(from, to);
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        NetworkLayout.Expect(PartValues.Count(this, from, to), part.Length, "values of the part");
        PartValues.Put(this, from, to, part, weights);
    }

    private void CheckRange(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, Layers.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
    }
}
