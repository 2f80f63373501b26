using Apache.Arrow;

namespace StreamLearn.Tables;

/// <summary>Plays Arrow files in order; skips and reports unreadable rows.</summary>
internal sealed class ArrowPlay(FileSet files, OwnForm form, Schema schema, Action<RefusedRow>? refuse, OperatorContext context)
    : Source<Batch>, IDisposable
{
    private readonly DateTimeOffset _runStart = context.Now;
    private readonly int _first = form.SamplesPerSecond is null ? 0 : 1;
    private readonly int _files = form.IsFirstOnly ? 1 : files.Files.Length;
    private readonly List<int> _rows = [];      // rows of the batch to play next
    private ArrowFile? _file;
    private ArrowColumnValues[] _values = [];
    private RecordBatch? _batch;
    private int _number = -1;
    private int _row;
    private long _before;       // number of rows in the file before the batch
    private long _played;       // number of rows in all files before the batch

    public override DateTimeOffset? NextAt => HasRows() ? _runStart : null;

    public override Batch Next()
    {
        if (!HasRows()) { throw new InvalidOperationException("there are no rows"); }
        var batch = context.Pool.Rent(schema, _rows.Count);
        if (form.SamplesPerSecond is { } rate)
        {
            var times = batch.Columns[0].Writable<long>();
            for (var i = 0; i < times.Length; i++) { times[i] = (long)Math.Round((_played + _rows[i]) * (1e9 / rate)); }
        }

        for (var c = 0; c < _values.Length; c++) { _values[c].Fill(_rows, batch.Columns[_first + c]); }
        if (form.FileColumn is not null)
        {
            var at = _first + _values.Length;
            foreach (var name in files.Names) { batch.Columns[at++].Writable<int>().Fill(files.CodeOf(_number, name)); }
            batch.Columns[at].Writable<int>().Fill(_number);
        }

        _rows.Clear();
        return batch;
    }

    public void Dispose() => _file?.Dispose();

    private bool HasRows()
    {
        while (_rows.Count == 0)
        {
            if (_batch is not null && _row < _batch.Length) { Choose(); }
            else if (!ReadOn()) { return false; }
        }

        return true;
    }

    private void Choose()
    {
        for (; _row < _batch!.Length && _rows.Count < form.BatchRows; _row++)
        {
            var wrong = FileFault.None;
            for (var c = 0; c < _values.Length && wrong == FileFault.None; c++)
            {
                wrong = _values[c].Check(_row);
                if (wrong != FileFault.None) { refuse?.Invoke(new(files.Files[_number], _before + _row + 1, _values[c].Name, wrong, "")); }
            }

            if (wrong == FileFault.None) { _rows.Add(_row); }
        }
    }

    private bool ReadOn()
    {
        var rows = _batch?.Length ?? 0;
        (_before, _played, _row, _batch) = (_before + rows, _played + rows, 0, _file?.Read());
        if (_batch is not null)
        {
            foreach (var values in _values) { values.Take(_batch); }
            return true;
        }

        if (_number + 1 >= _files) { return false; }
        _file?.Dispose();
        var path = files.Files[++_number];
        (_file, _before) = (new(path), 0);
        _values = [.. form.Columns.Select(c => new ArrowColumnValues(path, _file.Schema, c))];
        return true;
    }
}
