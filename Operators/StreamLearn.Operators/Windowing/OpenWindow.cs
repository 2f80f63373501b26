namespace StreamLearn.Operators;

/// <summary>
/// The rows of the window that is open: [start, start + kept) of a batch of its own, then those from a row on of the batch that is being
/// read; the first ones were in a window before.
/// </summary>
internal sealed class OpenWindow(WindowOptions options, OperatorContext context) : IDisposable
{
    private Batch? _rows;
    private int _start;
    private int _kept;
    private int _from;
    private int _windowed;
    private int _skip;              // rows still to be left out before the next window

    /// <summary>The columns; null before the first batch.</summary>
    internal Schema? Schema => _rows?.Schema;

    /// <summary>Rows in it.</summary>
    internal int Held { get; private set; }

    /// <summary>Those that have been in no window.</summary>
    internal int Unwindowed => Held - _windowed;

    /// <summary>Rows that it takes next in one go, or that are left out.</summary>
    internal int Missing => _skip > 0 ? _skip : options.Samples - Held;

    /// <summary>True when it is to be emitted.</summary>
    internal bool IsFull => Held >= options.Samples;

    public void Dispose()
    {
        _rows?.Dispose();
        _rows = null;
    }

    internal void State(ref StateStream s)
    {
        if (s.Value(options.Samples) is var samples && samples != options.Samples)
        {
            throw new StateException($"expected windows of {options.Samples} samples, got {samples}");
        }

        s.Part(ref _rows, _start, ref _kept, context.Pool, 2 * options.Samples);
        s.Value(ref _from, 0, int.MaxValue);
        s.Value(ref _windowed, 0, options.Samples);
        s.Value(ref _skip, 0, options.Hop);
        Held = s.Value(Held, _kept, options.Samples);
    }

    internal void Begin(Schema schema) => _rows = context.Pool.Rent(schema, 2 * options.Samples);

    /// <summary>Another batch is read, from its first row on.</summary>
    internal void Turn() => _from = 0;

    /// <summary>Takes rows, or leaves them out. <paramref name="rows"/>: rows, at most <see cref="Missing"/>.</summary>
    internal void Take(int rows, int next)
    {
        if (_skip == 0)
        {
            Held += rows;
            return;
        }

        (_skip, _from) = (_skip - rows, next);
        context.DropRows(rows, "between-windows");
    }

    /// <summary>Keeps the rows that are in a batch which has been read.</summary>
    internal void Keep(Batch batch)
    {
        var rows = Held - _kept;
        if (rows == 0) { return; }
        if (_start + Held > 2 * options.Samples)
        {
            _rows!.CopyFrom(0, _rows, _start, _kept);
            _start = 0;
        }

        _rows!.CopyFrom(_start + _kept, batch, _from, rows);
        _kept = Held;
    }

    /// <summary>A copy of it; the next one begins a hop later.</summary>
    internal Batch Close(Batch batch)
    {
        var window = context.Pool.Rent(_rows!.Schema, options.Samples);
        if (_kept > 0) { window.CopyFrom(0, _rows, _start, _kept); }
        if (_kept < options.Samples) { window.CopyFrom(_kept, batch, _from, options.Samples - _kept); }
        context.Record("rows-windowed", options.Samples - _windowed);
        var gone = Math.Min(options.Samples, options.Hop);
        _from += Math.Max(0, gone - _kept);
        (_start, _kept) = gone < _kept ? (_start + gone, _kept - gone) : (0, 0);
        Held = options.Samples - gone;
        (_windowed, _skip) = (Held, options.Hop - gone);
        return window;
    }

    /// <summary>Drops it; a new one starts at a row of the batch that is being read.</summary>
    internal void Restart(int row)
    {
        context.DropRows(Unwindowed, "incomplete-window");
        (_start, _kept, _from, Held, _windowed, _skip) = (0, 0, row, 0, 0, 0);
    }
}
