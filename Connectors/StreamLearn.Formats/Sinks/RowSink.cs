using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace StreamLearn.Formats;

internal sealed record RowSinkBlock(string Format, string Path, string Settings) : IBlockOptions
{
    public string? State => "the length of the file";

    public long StateBytes(Schema? input) => 64;

    public override string ToString() => $"{Path}{(Settings.Length == 0 ? "" : $", {Settings}")}";
}

/// <summary>Writes rows to a file. A restart truncates it to the length in the checkpoint, so each row is stored once.</summary>
internal sealed class RowSink(string path, IRowEncoder encoder, OperatorContext context) : Operator<Batch>, IStateful, IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 12);
    private SafeFileHandle? _file;
    private Schema? _schema;
    private long _rows;
    private long _length;
    private bool _isDirty;

    public string StateFormat => "row-sink/1";

    public override void Process(Batch input)
    {
        if (Refusal(input) is { } reason)
        {
            context.Drop(input, reason);
            return;
        }

        _file ??= Create();
        if (_length == 0) { Append(encoder.Head(0)); }
        _bytes.ResetWrittenCount();
        encoder.Encode(input, _bytes);
        Append(_bytes.WrittenSpan);
        _rows += input.Rows;
        if (encoder.CountsRows) { RandomAccess.Write(_file, encoder.Head(_rows), 0); }
        input.Dispose();
    }

    public override void Complete() => _file ??= Create();

    public void State(ref StateStream s)
    {
        if (s.IsWriting) { Flush(); }
        s.Value(ref _length);
        s.Value(ref _rows);
        _schema = s.Value(_schema is not null) ? s.Value(_schema) : null;
        if (s.IsReading) { Resume(); }
    }

    private void Resume()
    {
        if (_schema is not null && encoder.Begin(_schema) is { } reason) { throw new StateException($"{path}: {reason}"); }
        if (_length == 0) { return; }
        try
        {
            _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            var length = RandomAccess.GetLength(_file);
            if (_length < 0 || length < _length) { throw new StateException($"expected {path} to have {_length} bytes, got {length}"); }
            RandomAccess.SetLength(_file, _length);
            if (encoder.CountsRows) { RandomAccess.Write(_file, encoder.Head(_rows), 0); }
            _isDirty = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"cannot resume writing {path}: {e.Message}");
        }
    }

    public void Dispose() => _file?.Dispose();

    private string? Refusal(Batch batch)
    {
        if (_schema is not null && !_schema.Equals(batch.Schema)) { return "schema"; }
        if (_schema is null && encoder.Begin(batch.Schema) is { } reason) { return reason; }
        _schema ??= batch.Schema;
        return encoder.Refusal(batch);
    }

    private SafeFileHandle Create() => File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);

    private void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file!, bytes, _length);
        _length += bytes.Length;
        _isDirty = true;
    }

    /// <summary>Flushes to disk, because a checkpoint must not count more rows than the file has.</summary>
    private void Flush()
    {
        if (!_isDirty) { return; }
        RandomAccess.FlushToDisk(_file!);
        _isDirty = false;
    }
}
