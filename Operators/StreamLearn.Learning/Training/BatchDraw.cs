namespace StreamLearn.Learning;

/// <summary>Draws the rows of a step from a replay buffer; nothing is allocated after construction.</summary>
internal sealed class BatchDraw(ReplayBuffer buffer, DrawKind kind, RandomStream random)
{
    private readonly int[] _order = kind == DrawKind.Shuffle ? new int[buffer.Capacity] : [];
    private int _next;      // of this pass
    private int _end;

    /// <summary>Rows that a step of so many rows has at most.</summary>
    internal int Most(int batchRows) => kind == DrawKind.Replacement ? batchRows : Math.Min(batchRows, buffer.Count);

    /// <summary>Fills rows and labels.</summary>
    /// <returns>Rows drawn: all there is room for, but the last of a pass may be fewer.</returns>
    internal int Next(Span<float> rows, Span<int> labels)
    {
        if (kind == DrawKind.Replacement)
        {
            for (var i = 0; i < labels.Length; i++) { Copy(random.NextInt32(buffer.Count), i, rows, labels); }
            return labels.Length;
        }

        if (labels.Length == buffer.Count)
        {
            for (var i = 0; i < labels.Length; i++) { Copy(i, i, rows, labels); }
            return labels.Length;
        }

        if (_next == _end) { Shuffle(); }
        var drawn = Math.Min(labels.Length, _end - _next);
        for (var i = 0; i < drawn; i++) { Copy(_order[_next++], i, rows, labels); }
        return drawn;
    }

    private void Copy(int place, int to, Span<float> rows, Span<int> labels)
    {
        var row = buffer[place];
        row.CopyTo(rows[(to * row.Length)..]);
        labels[to] = buffer.Label(place);
    }

    /// <summary>Begins a pass over the rows held now. Source: Fisher, Yates, in Durstenfeld's form (1964).</summary>
    private void Shuffle()
    {
        (_next, _end) = (0, buffer.Count);
        for (var i = 0; i < _end; i++) { _order[i] = i; }
        for (var i = _end - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (_order[i], _order[other]) = (_order[other], _order[i]);
        }
    }
}
