using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace StreamLearn.Arrow;

internal sealed record ArrowSinkBlock(string Path, ArrowForm Form) : IBlockOptions
{
    public string? State => "the length of the file";

    public long StateBytes(Schema? input) => 64 + (128L * (input?.Fields.Length ?? Schema.MaxColumns));

    public override string ToString() => $"{Path}, {(Form == ArrowForm.File ? "a file" : "a stream")}";
}

/// <summary>A restart truncates the file to the length in the checkpoint, and reads it to recover the entries of the footer.</summary>
internal sealed class ArrowSink(string path, ArrowForm form, OperatorContext context) : Operator<Batch>, IStateful, IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 12);
    private readonly List<(long Offset, int Metadata, long Body)> _blocks = [];
    private SafeFileHandle? _file;
    private ArrowBatchWriter? _writer;
    private long _length;
    private bool _isDirty;

    public string StateFormat => "arrow-sink/1";

    private static ReadOnlySpan<byte> Head => "ARROW1\0\0"u8;

    public override void Process(Batch input)
    {
        if (_writer is not null && !_writer.Schema.Equals(input.Schema))
        {
            context.Drop(input, "schema");
            return;
        }

        Begin(input.Schema);
        _bytes.ResetWrittenCount();
        _writer!.Write(input, _bytes);
        _blocks.Add((_length, _writer.HeadBytes, _bytes.WrittenCount - _writer.HeadBytes));
        Append(_bytes.WrittenSpan);
        input.Dispose();
    }

    public override void Complete()
    {
        if (_writer is null)        // there was no batch, so the columns are unknown
        {
            Create().Dispose();
            File.Delete(path);      // an existing file is of another run
            return;
        }

        var length = _length;
        Append(ArrowBatchWriter.EndOfStream);
        if (form == ArrowForm.File) { Append(Messages.Footer(_writer.ArrowSchema, _blocks)); }
        _length = length;       // further batches overwrite the end marker
    }

    public void State(ref StateStream s)
    {
        if (s.IsWriting && _isDirty)
        {
            RandomAccess.FlushToDisk(_file!);       // a checkpoint must not record more rows than the file has
            _isDirty = false;
        }

        s.Value(ref _length);
        var schema = s.Value(_writer is not null) ? s.Value(_writer?.Schema) : null;
        if (s.IsReading) { Resume(schema); }
    }

    private void Resume(Schema? schema)
    {
        _writer = schema is null ? null : new(schema);
        if (_length == 0) { return; }
        try
        {
            _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            var length = RandomAccess.GetLength(_file);
            if (_length < 0 || length < _length) { throw new StateException($"expected {path} to have {_length} bytes, got {length}"); }
            RandomAccess.SetLength(_file, _length);
            FindBlocks();
            _isDirty = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArrowFormatException)
        {
            throw new StateException($"cannot resume writing {path}: {e.Message}");
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Begin(Schema schema)
    {
        if (_writer is not null && _length > 0) { return; }
        _writer ??= new(schema);
        _file ??= Create();
        if (form == ArrowForm.File) { Append(Head); }
        Append(_writer.SchemaMessage.Span);
    }

    private void FindBlocks()
    {
        var at = (form == ArrowForm.File ? Head.Length : 0L) + _writer!.SchemaMessage.Length;
        var head = new byte[_writer.HeadBytes];
        while (at < _length)
        {
            if (_length - at < head.Length || RandomAccess.Read(_file!, head, at) < head.Length)
            {
                throw new ArrowFormatException("cut short");
            }

            var metadata = MessageHead.MetadataBytes(head, ArrowLimits.Default, out var prefix);
            if (prefix + metadata != head.Length) { throw new ArrowFormatException("another program has written to the file"); }
            var body = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(_writer.BodyLengthAt));
            if (body < 0 || body > _length - at - head.Length) { throw new ArrowFormatException("cut short"); }
            _blocks.Add((at, head.Length, body));
            at += head.Length + body;
        }
    }

    /// <summary>Replaces the file, unless a source or another sink has it open, because its rows would be lost.</summary>
    private SafeFileHandle Create()
    {
        if (File.Exists(path))
        {
            using (File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) { }
        }

        return File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file!, bytes, _length);
        _length += bytes.Length;
        _isDirty = true;
    }
}
