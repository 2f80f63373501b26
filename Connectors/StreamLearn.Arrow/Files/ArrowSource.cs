using System.Text;

namespace StreamLearn.Arrow;

internal sealed record ArrowSourceBlock(string Path, string Settings, IReadOnlyList<string> LeftOut) : IBlockOptions
{
    public override string ToString() => $"{Path}, {Settings}";
}

internal sealed class ArrowSource : Source<Batch>, ISeekable, IDisposable
{
    private readonly ArrowRowsOptions _options;
    private readonly OperatorContext _context;
    private readonly DateTimeOffset _runStart;
    private readonly ArrowBatches _rows;
    private readonly BatchPlan _plan;
    private readonly SteadyTexts _texts;
    private ArrowBatch? _batch;
    private int _row;
    private bool _isAtEnd;

    internal ArrowSource(string path, Schema schema, ArrowRowsOptions options, OperatorContext context)
    {
        (_options, _context, _runStart) = (options, context, context.Now);
        _rows = new(path, options.Limits, FileShare.Read);     // prevents a sink from overwriting it
        _plan = new(_rows.Columns, options.Batches);
        _texts = new(_plan);
        if (_plan.Schema.Equals(schema)) { return; }
        _rows.Dispose();
        throw new ArrowFormatException($"{path}: expected {schema}, the schema when the pipeline was defined, got {_plan.Schema}");
    }

    public override DateTimeOffset? NextAt => HasRows() ? _runStart : null;

    public override Batch Next()
    {
        if (!HasRows()) { throw new InvalidOperationException("there are no rows"); }
        var rows = Math.Min(_options.BatchRows, _batch!.Rows - _row);
        var batch = BatchCopy.Rows(_plan, _batch, _row, rows, _context.Pool);
        _row += rows;
        return batch;
    }

    public void Seek(long messages)
    {
        for (; messages > 0 && HasRows(); messages--) { _row += Math.Min(_options.BatchRows, _batch!.Rows - _row); }
        if (messages > 0) { throw new StateException($"expected {messages} more batches: the file has become shorter"); }
    }

    public void Dispose() => _rows.Dispose();

    private bool HasRows()
    {
        if (_batch is not null && _row < _batch.Rows) { return true; }
        if (_isAtEnd) { return false; }
        do { (_batch, _row) = (_rows.Next(), 0); } while (_batch is { Rows: 0 });
        _isAtEnd = _batch is null;
        for (var c = 0; c < _plan.Columns.Length && !_isAtEnd; c++)
        {
            if (_batch!.Columns[_plan.Columns[c].Index].Dictionary is { } entries)
            {
                _texts.Check(c, entries.Data, entries.Length, i => entries.IsValid(i) ? Encoding.UTF8.GetString(entries.Bytes(i)) : null);
            }
        }

        return !_isAtEnd;
    }
}
