using StreamLearn.Operators;

namespace StreamLearn.Learning;

/// <summary>Clips isolated glitches (see <see cref="GlitchBound"/>): a value of 1e10 would ruin the scale of a channel, and one of 3e38
/// every step. Training rows are clipped only at absurd values, because rare events are real.</summary>
internal sealed class GlitchClip
{
    private readonly Shape _shape;
    private readonly GlitchBound[] _bounds;
    private readonly float[] _row;
    private readonly float[] _kept;

    internal GlitchClip(Shape shape)
    {
        _shape = shape;
        FirstRows = (GlitchBound.MinFirstValues + shape.Samples - 1) / shape.Samples;
        _bounds = new GlitchBound[shape.Channels];
        for (var c = 0; c < _bounds.Length; c++) { _bounds[c] = new(FirstRows * shape.Samples); }
        (_row, _kept) = (new float[shape.Size], new float[shape.Size]);
    }

    internal int FirstRows { get; }

    internal int Clipped { get; private set; }

    /// <summary>True if earlier rows were found to have glitches: <see cref="First"/> returns them clipped.</summary>
    internal bool HasJudged { get; private set; }

    internal static long Bytes(Shape shape) => 4L * ((2 * GlitchBound.MinFirstValues) + (4L * shape.Samples)) * shape.Channels;

    internal void State(ref StateStream s)
    {
        foreach (var bound in _bounds) { bound.State(ref s); }
    }

    /// <summary>Returns the row for moments, and the row for learning; valid until the next call.</summary>
    internal ReadOnlySpan<float> Take(ReadOnlySpan<float> row, out ReadOnlySpan<float> kept)
    {
        kept = row;
        (Clipped, HasJudged) = (0, false);
        for (var c = 0; c < _bounds.Length; c++)
        {
            for (var (at, end) = (c * _shape.Samples, (c + 1) * _shape.Samples); at < end; at++)
            {
                if ((at += _bounds[c].TakeUsual(row[at..end])) == end) { break; }
                var value = _bounds[c].Take(row[at]);
                if (_bounds[c].Kept != row[at])
                {
                    kept = Own(kept, _kept);
                    _kept[at] = _bounds[c].Kept;
                }

                if (value == row[at]) { continue; }
                row = Own(row, _row);
                _row[at] = value;
                Clipped++;
            }
        }

        if (_bounds[0].Count != (long)FirstRows * _shape.Samples) { return row; }
        var judged = Judged(row);
        if (Clipped > 0) { kept = Copied(FirstRows - 1, _kept, static bound => bound.FirstKept); }
        return judged;
    }

    internal ReadOnlySpan<float> First(int row) => Copied(row, _row, static bound => bound.First);

    private float[] Copied(int row, float[] to, Func<GlitchBound, ReadOnlySpan<float>> values)
    {
        for (var c = 0; c < _bounds.Length; c++)
        {
            values(_bounds[c]).Slice(row * _shape.Samples, _shape.Samples).CopyTo(to.AsSpan(c * _shape.Samples));
        }

        return to;
    }

    private ReadOnlySpan<float> Judged(ReadOnlySpan<float> row)
    {
        foreach (var bound in _bounds) { Clipped += bound.FirstGlitches; }
        if (Clipped == 0) { return row; }
        HasJudged = FirstRows > 1;
        return First(FirstRows - 1);
    }

    private static ReadOnlySpan<float> Own(ReadOnlySpan<float> row, float[] own)
    {
        if (row != own) { row.CopyTo(own); }
        return own;
    }
}
