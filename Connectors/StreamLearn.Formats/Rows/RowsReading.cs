namespace StreamLearn.Formats;

/// <summary>Reads the rows of files batch by batch.</summary>
/// <remarks>The bytes in memory and the rows of one batch. It reads one ahead to detect the end; the batch's position is saved.</remarks>
internal sealed class RowsReading : IDisposable
{
    internal const int MaxRefused = 64;      // maximum number of refused rows per message

    /// <summary>In a state, after the file: a build without later headers then refuses the state instead of misreading rows.</summary>
    private const string LaterHead = "\nheader at ";

    private readonly RowsPlan _plan;
    private readonly OperatorContext _context;
    private readonly RecordReader _reader;
    private readonly RowStage _stage;
    private readonly ByteWindow _window = new();
    private readonly List<RefusedRow> _refused = [];
    private readonly List<int> _skipped = [];       // for each refused row of the stage, the number of rows before it
    private FileText? _text;
    private RowPlace _before = RowPlace.Start;      // position before the ready rows
    private readonly DateTimeOffset _runStart;
    private int _file;
    private int _batchFile;     // file of the ready rows
    private long _rows;         // number of rows read or refused before the stage
    private bool _hasHead;      // true if the header was read
    private bool _isTooLong;    // true while it skips the rest of a row
    private DateTimeOffset? _lookAt;

    internal RowsReading(RowsPlan plan, OperatorContext context)
    {
        (_plan, _context, _reader) = (plan, context, plan.CreateReader());
        _stage = new(plan.Schema, plan.Options.BatchRows);
        _runStart = context.Now;
    }

    internal IReadOnlyList<RefusedRow> Refused => _refused;

    internal bool HasRows => _stage.Rows > 0;

    private bool IsReady => HasRows || _refused.Count > 0;

    private DateTimeOffset Due => _plan.Options.Follow is null ? _runStart : _context.Now;

    private string Path => _plan.Files.Files[_file];

    internal DateTimeOffset? NextAt()
    {
        if (IsReady) { return Due; }
        if (_lookAt is { } at && _context.Now < at) { return at; }
        _lookAt = null;
        _before = Place;
        while (!_stage.IsFull(_refused.Count) && TryStep()) { }
        if (IsReady) { return Due; }
        if (_file == _plan.Files.Files.Length) { return null; }
        if (_plan.Options.Follow is null) { throw new InvalidOperationException($"reading {Path} stopped before its end"); }
        _lookAt = _context.Now + _plan.Options.Follow!.Value;
        return _lookAt;
    }

    internal Batch Take()
    {
        _plan.FillOwn(_stage, _batchFile, _rows, _skipped);
        _rows += _stage.Rows + _skipped.Count;
        _skipped.Clear();
        return _stage.Take(_context.Pool);
    }

    internal void ClearRefused() => _refused.Clear();

    internal void State(ref StateStream s)
    {
        var (place, files) = (IsReady ? _before : Place, _plan.Files.Files);
        var own = place.File < files.Length ? files[place.File] : "";
        var (count, path) = (s.Value(files.Length, 0, int.MaxValue), s.Value(place.Head == 0 ? own : $"{own}{LaterHead}{place.Head}"));
        if (count != files.Length) { throw new StateException($"expected {count} files, got {files.Length}"); }
        place = place.State(ref s, count);
        if (s.IsWriting) { return; }
        _before = place;
        if (path.Split(LaterHead) is [var name, var at] && long.TryParse(at, out var head) && head > 0 && head < place.Offset)
        {
            (path, _before) = (name, place with { Head = head });
        }

        (_file, _rows) = (_before.File, _before.Rows);
        if (_file == count) { return; }
        if (Path != path && path.Length > 0) { throw new StateException($"expected file {_file} to be {path}, got {Path}"); }
        if (_before.Offset > 0) { Continue(); }
    }

    public void Dispose()
    {
        _text?.Dispose();
        _text = null;
    }

    private RowPlace Place => _text is null ? new(_file, 0, 1, _rows)
        : new(_file, _window.Offset, _window.Line, _rows, _reader.HeadAt);

    /// <summary>Restores the position: reads the head again, then skips what was read.</summary>
    private void Continue()
    {
        try
        {
            _text = new(Path, _plan.Options.TextEncoding);
            var isLater = _before.Head > 0 && _text.TrySkip(_before.Head);
            _window.Begin(isLater ? _before.Head : 0, 1);
            _hasHead = !_reader.HasHead;
            while (!_hasHead && (isLater ? TryLaterHead() : TryStep())) { }
            _text?.Dispose();
            _text = new(Path, _plan.Options.TextEncoding);
            if (_hasHead && _text.TrySkip(_before.Offset))
            {
                _window.Begin(_before.Offset, _before.Line);
                _batchFile = _file;
                return;
            }

            Dispose();
            if (_plan.Options.Follow is null) { throw new StateException($"{Path} has become shorter than {_before.Offset} bytes"); }
            Tell(FileFault.Truncated, 0, null, [], null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StateException($"cannot resume reading {Path}: {e.Message}");
        }
    }

    private bool TryLaterHead()
    {
        _hasHead = _reader.ReadLaterHead(_window) == RecordEnd.IsFull;
        return _hasHead || TryMore();
    }

    /// <summary>Returns false if there is nothing to read, or a batch is complete.</summary>
    private bool TryStep()
    {
        if (_text is null)
        {
            if (!TryOpen()) { return false; }
            if (_text is null) { return true; }      // refused: continue with the next file
        }

        if (_isTooLong) { _isTooLong = !_window.TryPassLine(); }
        var end = _isTooLong ? RecordEnd.NeedsMore : _hasHead ? _reader.Read(_window, _stage) : _reader.ReadHead(_window);
        if (end == RecordEnd.NeedsMore) { return TryMore(); }
        if (end == RecordEnd.Refused)
        {
            Refuse(_reader.Fault, _reader.FaultLine, _reader.FaultColumn, _window.Bytes.AsSpan(_reader.FaultBytes));
            if (!_hasHead) { Close(); }
            return !HasRows || _text is not null;
        }

        if (_hasHead) { return false; }
        _hasHead = true;
        return true;
    }

    private bool TryMore()
    {
        bool isFull;
        try
        {
            if (_window.TryFill(_text!, _plan.Options.MaxRowBytes, out isFull)) { return true; }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Refuse(FileFault.DamagedFile, _window.Line, null, [], e);
            Close();
            return !HasRows;
        }

        if (isFull && !_hasHead)
        {
            Refuse(FileFault.BadHeader, _window.Line, null, _window.Rest);
            Close();
            return true;
        }

        if (isFull)
        {
            Refuse(FileFault.TooLong, _window.Line, null, _window.Rest);
            _isTooLong = !_window.TryPassLine();
            return true;
        }

        return _plan.Options.Follow is null ? TryFinish() : !HasRows && TryFollow();
    }

    /// <summary>Reads a last line without an end, refuses the rest, and closes the file.</summary>
    private bool TryFinish()
    {
        if (!_window.IsFinished)
        {
            _window.Finish();
            return true;
        }

        if (_window.At < _window.End)
        {
            Refuse(_hasHead ? FileFault.BadQuotes : FileFault.BadHeader, _window.Line, null, _window.Rest);
            if (_hasHead) { _window.TryPassLine(); }
            else { Close(); }
            return true;
        }

        if (!_hasHead && _reader.HasHead && _window.Read > 0) { Refuse(FileFault.BadHeader, 0, null, []); }
        Close();
        return !HasRows;
    }

    private bool TryFollow()
    {
        var fault = FollowedFile.Look(Path, _text!, _window.Read);
        if (fault == FileFault.None) { return false; }
        if (fault == FileFault.Rotated && _window.At < _window.End) { return TryFinish(); }
        Tell(fault, _window.Line, null, [], null);
        _text!.Dispose();
        _text = null;
        return true;
    }

    /// <summary>Opens the current file, skipping unreadable ones; returns false if none is left.</summary>
    private bool TryOpen()
    {
        if (_file == _plan.Files.Files.Length) { return false; }
        try
        {
            _text = new(Path, _plan.Options.TextEncoding);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_plan.Options.Follow is not null && e is FileNotFoundException or DirectoryNotFoundException) { return false; }
            Refuse(FileFault.DamagedFile, 0, null, [], e);
            Close();
            return true;
        }

        if (_text.IsRecoded && _plan.Options.Follow is not null)
        {
            throw new FileRowsException(
                Row(FileFault.DamagedFile, 0, null, []), $"{Path}: expected an uncompressed UTF-8 file to follow");
        }

        _window.Begin(0, 1);
        _batchFile = _file;
        (_hasHead, _isTooLong) = (!_reader.HasHead, false);
        return true;
    }

    private void Close()
    {
        _text?.Dispose();
        _text = null;
        _file++;
    }

    private void Refuse(FileFault fault, long line, string? column, ReadOnlySpan<byte> text, Exception? inner = null)
    {
        _stage.Undo();
        if (!_plan.Options.SkipBadRows && fault != FileFault.RepeatedHeader)
        {
            var row = Row(fault, line, column, text);
            throw new FileRowsException(row, inner is null ? null : $"{row}: {inner.Message}", inner);
        }

        Tell(fault, line, column, text, inner);
    }

    private void Tell(FileFault fault, long line, string? column, ReadOnlySpan<byte> text, Exception? inner)
    {
        if (fault is < FileFault.BadHeader or FileFault.OtherHeader)
        {
            _context.DropRows(1, _plan.Reasons[(int)fault]);
            if (HasRows) { _skipped.Add(_stage.Rows); }
            else { _rows++; }
        }
        else { _context.Record(_plan.Notices[(int)fault]); }
        if (_plan.KeepsRefused) { _refused.Add(Row(fault, line, column, text) with { Text = inner?.Message ?? Text(text) }); }
    }

    private RefusedRow Row(FileFault fault, long line, string? column, ReadOnlySpan<byte> text) =>
        new(Path, line, column, fault, Text(text));

    private static string Text(ReadOnlySpan<byte> text) =>
        Encoding.UTF8.GetString(text[..Math.Min(text.Length, RefusedRow.MaxTextBytes)].TrimEnd("\r\n"u8));
}
