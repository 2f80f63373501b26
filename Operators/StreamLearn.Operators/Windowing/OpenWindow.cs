namespace StreamLearn.Operators;

/// <summary>Rows [start, start + kept) of its own batch, then rows of the current batch.</summary>
internal sealed class OpenWindow(WindowOptions options, OperatorContext context) : IDisposable
{
    private Batch? _rows;
    private int _start;
    private int _kept;
    private int _from;
    private int _windowed;
    private int _skip;              // rows to skip before the next window

    internal Schema? Schema => _rows?.Schema;

    internal int Held { get; private set; }

    internal int Unwindowed => Held - _windowed;

    internal int Missing => _skip > 0 ? _skip : options.Samples - Held;

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

    internal void Turn() => _from = 0;

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

    /// <summary>Call it before leaving the batch.</summary>
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

    /// <summary>The next window begins a hop later.</summary>
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

    internal void Restart(int row)
    {
        context.DropRows(Unwindowed, "incomplete-window");
        (_start, _kept, _from, Held, _windowed, _skip) = (0, 0, row, 0, 0, 0);
    }
}
