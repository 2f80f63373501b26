namespace StreamLearn.Formats;

/// <summary>Collects the available rows in batches.</summary>
/// <remarks>A last line without an end is read if a program has ended with exit code 0, and otherwise dropped, because its last number may
/// be incomplete.</remarks>
internal sealed class LineSource : Source<Batch>, IDisposable
{
    private const string CutOff = "cut-off";

    private static readonly string[] Reasons = [.. Enum.GetValues<FileFault>().Select(static f => RefusedRow.Words(f).Replace(' ', '-'))];

    private readonly LineOrigin _origin;
    private readonly LineOptions _options;
    private readonly OperatorContext _context;
    private readonly RecordReader _reader;
    private readonly RowStage _stage;
    private readonly ByteWindow _window = new();
    private readonly bool _beginsInside;
    private readonly Encoding? _encoding;
    private LineFeed? _feed;
    private bool _hasHead;
    private bool _isPassing;        // true while it skips the rest of a line
    private bool _isDone;
    private DateTimeOffset _lookAt = DateTimeOffset.MinValue;

    internal LineSource(
        LineOrigin origin, LineOptions options, Schema schema, RecordReader reader, CsvOptions? csv, OperatorContext context)
    {
        var hasNames = csv is { Header: true };
        (_origin, _options, _context, _reader, _encoding) = (origin, options, context, reader, csv?.Encoding);
        (_stage, _beginsInside) = (new(schema, options.BatchRows), origin.BeginsInside && !hasNames);
        Begin();
    }

    public override bool LooksAgain => true;

    public override DateTimeOffset? NextAt
    {
        get
        {
            if (_stage.Rows > 0) { return _context.Now; }
            if (_context.Now < _lookAt) { return _lookAt; }
            _feed ??= new(_origin, _options, _encoding);
            while (_stage.Rows < _stage.Capacity && TryStep()) { }
            if (_stage.Rows < _stage.Capacity) { _lookAt = _context.Now + _options.Gather; }
            return _stage.Rows > 0 ? _context.Now : _isDone ? null : _lookAt;
        }
    }

    public override Batch Next() => _stage.Rows > 0
        ? _stage.Take(_context.Pool) : throw new InvalidOperationException("there are no rows");

    public void Dispose() => _feed?.Dispose();

    private void Begin()
    {
        _window.Begin(0, 1);
        (_hasHead, _isPassing) = (!_reader.HasHead, _beginsInside);
    }

    /// <summary>False if no rows are available or the batch is full.</summary>
    private bool TryStep()
    {
        if (_isPassing) { _isPassing = !_window.TryPassLine(); }
        var end = _isPassing ? RecordEnd.NeedsMore : _hasHead ? _reader.Read(_window, _stage) : _reader.ReadHead(_window);
        switch (end)
        {
            case RecordEnd.NeedsMore:
                return TryMore();
            case RecordEnd.Refused:
                Refuse(_reader.Fault, _reader.FaultLine, _reader.FaultColumn, _window.Bytes.AsSpan(_reader.FaultBytes));
                if (!_hasHead) { _isPassing = !_window.TryPassLine(); }
                return true;
            default:
                if (_hasHead) { return false; }
                _hasHead = true;
                return true;
        }
    }

    private bool TryMore()
    {
        if (_window.TryFill(_feed!, _options.MaxLineBytes, out var isFull)) { return true; }
        if (isFull)
        {
            Refuse(FileFault.TooLong, _window.Line, null, _window.Rest);
            _isPassing = !_window.TryPassLine();
            return true;
        }

        if (!_feed!.HasEnded) { return false; }
        if (_isDone) { return false; }
        var isLeft = _window.At < _window.End && !_isPassing;
        if (isLeft && _feed.IsWhole)
        {
            if (!_window.IsFinished) { _window.Finish(); }
            else
            {
                Refuse(_hasHead ? FileFault.BadQuotes : FileFault.BadHeader, _window.Line, null, _window.Rest);
                _window.TryPassLine();
            }

            return true;
        }

        if (isLeft) { _context.DropRows(1, CutOff); }
        _context.Record("openings-ended");
        _isDone = _feed.IsDone;
        if (_isDone) { return false; }
        Begin();
        _feed.BeginNext();
        return true;
    }

    private void Refuse(FileFault fault, long line, string? column, ReadOnlySpan<byte> text)
    {
        _stage.Undo();
        _context.DropRows(1, Reasons[(int)fault]);
        text = text[..Math.Min(text.Length, RefusedRow.MaxTextBytes)].TrimEnd("\r\n"u8);
        _options.OnRefused(new(_origin.Name, line, column, fault, Encoding.UTF8.GetString(text)));
    }
}
