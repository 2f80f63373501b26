namespace StreamLearn.Learning;

/// <summary>Draws the rows of a step; copies only rows that are not contiguous. <paramref name="seed"/>: seed of an order shared with other
/// devices; null: an order of its own.</summary>
internal sealed class BatchDraw(ReplayBuffer buffer, DrawKind kind, RandomStream shared, long? seed = null)
{
    private RandomStream _random = seed is { } common ? new(common, "draw") : shared;
    private readonly int[] _order = kind == DrawKind.Shuffle ? new int[buffer.Capacity] : [];
    private Memory<float> _rows;
    private int[] _labels = [];
    private float[] _targets = [];
    private int _next;      // next row of this pass
    private int _end;

    /// <summary>Restore the buffer first.</summary>
    internal void State(ref StateStream s)
    {
        var rest = s.Array<int>(_order.AsSpan(_next, _end - _next), Math.Min(_order.Length, buffer.Count));
        if (s.IsReading)
        {
            foreach (var place in rest)
            {
                if ((uint)place >= (uint)buffer.Count) { throw new StateException($"expected a place below {buffer.Count}, got {place}"); }
            }

            rest.CopyTo(_order, 0);
            _end = rest.Length;
        }

        if (seed is not null) { _random.State(ref s); }         // the block's own random state is saved elsewhere
    }

    /// <summary>Ends the pass; a shared order restarts.</summary>
    internal void Clear()
    {
        (_next, _end) = (0, 0);
        if (seed is { } common) { _random = new(common, "draw"); }
    }

    /// <summary>Draws rows, which are valid until the next draw or change of the buffer. In passes, the last step may have fewer rows.
    /// <paramref name="offsets"/>: logit offsets; may be empty.</summary>
    internal Sample Next(int most, long number, ReadOnlySpan<float> offsets)
    {
        if (kind == DrawKind.Replacement)
        {
            if (most == 1) { return Held(_random.NextInt32(buffer.Count), 1, number, offsets); }
            Reserve(most);
            for (var i = 0; i < most; i++) { Copy(_random.NextInt32(buffer.Count), i); }
            return Copied(most, number, offsets);
        }

        if (most >= buffer.Count) { return Held(0, buffer.Count, number, offsets); }
        if (_next == _end) { Shuffle(); }
        var drawn = Math.Min(most, _end - _next);
        if (drawn == 1) { return Held(_order[_next++], 1, number, offsets); }
        Reserve(drawn);
        for (var i = 0; i < drawn; i++) { Copy(_order[_next++], i); }
        return Copied(drawn, number, offsets);
    }

    private Sample Held(int place, int count, long number, ReadOnlySpan<float> offsets) =>
        new(buffer.Rows(place, count), buffer.Labels(place, count))
        {
            Targets = buffer.Targets(place, count),
            Number = number,
            LogitOffsets = offsets,
        };

    private Sample Copied(int count, long number, ReadOnlySpan<float> offsets) =>
        new(_rows.Span[..(count * buffer.Features)], _labels.AsSpan(0, count))
        {
            Targets = buffer.HasTargets ? _targets.AsSpan(0, count) : default,
            Number = number,
            LogitOffsets = offsets,
        };

    private void Reserve(int rows)
    {
        if (_labels.Length >= rows) { return; }
        (_rows, _labels) = (Workspace.Zeros(rows * buffer.Features), new int[rows]);
        if (buffer.HasTargets) { _targets = new float[rows]; }
    }

    private void Copy(int place, int to)
    {
        buffer[place].CopyTo(_rows.Span[(to * buffer.Features)..]);
        _labels[to] = buffer.Label(place);
        if (buffer.HasTargets) { _targets[to] = buffer.Target(place); }
    }

    /// <summary>Source: Fisher, Yates, in Durstenfeld's form (1964).</summary>
    private void Shuffle()
    {
        (_next, _end) = (0, buffer.Count);
        for (var i = 0; i < _end; i++) { _order[i] = i; }
        for (var i = _end - 1; i > 0; i--)
        {
            var other = _random.NextInt32(i + 1);
            (_order[i], _order[other]) = (_order[other], _order[i]);
        }
    }
}
