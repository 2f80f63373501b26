using StreamLearn.Operators;

namespace StreamLearn.Learning;

/// <summary>
/// Cuts single glitches in rows back to what their channel knows, see <see cref="GlitchBound"/>: one value of 1e10 would spoil the scale
/// of its channel for good, and one of 3e38 every step that its row is drawn for. Rows without glitches stay the same ones.
/// </summary>
internal sealed class GlitchClip
{
    private readonly Shape _shape;
    private readonly GlitchBound[] _bounds;
    private readonly float[] _row;
    private long _rows;

    internal GlitchClip(Shape shape)
    {
        _shape = shape;
        FirstRows = (GlitchBound.LeastFirstValues + shape.Samples - 1) / shape.Samples;
        _bounds = new GlitchBound[shape.Channels];
        for (var c = 0; c < _bounds.Length; c++) { _bounds[c] = new(FirstRows * shape.Samples); }
        _row = new float[shape.Size];
    }

    /// <summary>Rows that are judged together.</summary>
    internal int FirstRows { get; }

    /// <summary>Values that were cut back, since the last call of <see cref="Take"/> began.</summary>
    internal int Clipped { get; private set; }

    /// <summary>True if rows before this one have turned out to hold glitches: <see cref="First"/> has them as they count.</summary>
    internal bool HasJudged { get; private set; }

    /// <summary>Bytes that are kept for rows of a shape.</summary>
    internal static long Bytes(Shape shape) => 4L * (GlitchBound.LeastFirstValues + (2L * shape.Samples)) * shape.Channels;

    /// <summary>Takes a row, and gives it as it counts; valid until the next call.</summary>
    internal ReadOnlySpan<float> Take(ReadOnlySpan<float> row)
    {
        (Clipped, HasJudged) = (0, false);
        _rows++;
        for (var c = 0; c < _bounds.Length; c++)
        {
            for (var sample = 0; sample < _shape.Samples; sample++)
            {
                var at = (c * _shape.Samples) + sample;
                var value = _bounds[c].Take(row[at]);
                if (value == row[at]) { continue; }
                row = Own(row);
                _row[at] = value;
                Clipped++;
            }
        }

        return _rows == FirstRows ? Judged(row) : row;
    }

    /// <summary>One of the first rows, as it counts.</summary>
    internal ReadOnlySpan<float> First(int row)
    {
        for (var c = 0; c < _bounds.Length; c++)
        {
            _bounds[c].First.Slice(row * _shape.Samples, _shape.Samples).CopyTo(_row.AsSpan(c * _shape.Samples));
        }

        return _row;
    }

    private ReadOnlySpan<float> Judged(ReadOnlySpan<float> row)
    {
        foreach (var bound in _bounds) { Clipped += bound.FirstGlitches; }
        if (Clipped == 0) { return row; }
        HasJudged = FirstRows > 1;
        return First(FirstRows - 1);
    }

    private ReadOnlySpan<float> Own(ReadOnlySpan<float> row)
    {
        if (Clipped == 0) { row.CopyTo(_row); }
        return _row;
    }
}
