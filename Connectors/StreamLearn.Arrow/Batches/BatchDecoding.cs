using System.Buffers;

namespace StreamLearn.Arrow;

/// <summary>Reads messages with one batch each; parses the schema only if its bytes change.</summary>
internal sealed class BatchDecoding(ArrowSchema? known, ArrowBatchOptions options, ArrowLimits limits)
{
    private readonly MessageReader _reader = new(limits);
    private byte[] _schema = [];
    private byte[] _copy = [];
    private BatchPlan? _plan;

    internal Batch Read(in ReadOnlySequence<byte> bytes, BatchPool pool)
    {
        var rest = Whole(bytes);
        if (known is not null) { Expect(known); }
        else { rest = ReadSchema(rest); }
        if (_reader.Read(ref rest) is not { } batch) { throw new ArrowFormatException("expected a batch, got none"); }
        if (_plan is null || _plan.Arrow != _reader.Schema) { _plan = new(_reader.Schema!, options); }
        var size = (long)batch.Rows * _plan.Schema.RowBytes;
        if (size > limits.MaxMessageBytes)
        {
            throw new ArrowFormatException(string.Create(CultureInfo.InvariantCulture,
                $"expected a batch of at most {limits.MaxMessageBytes} bytes, got {size}"));
        }

        var rows = BatchCopy.Rows(_plan, batch, 0, batch.Rows, pool);
        try
        {
            return (rest.Length == 0 || _reader.Read(ref rest) is null) && rest.Length == 0 ? rows
                : throw new ArrowFormatException("expected one batch and the end of the stream, got more messages");
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    private ReadOnlyMemory<byte> ReadSchema(ReadOnlyMemory<byte> bytes)
    {
        if (_schema.Length > 0 && bytes.Span.StartsWith(_schema))
        {
            Expect(_reader.Schema!);
            return bytes[_schema.Length..];
        }

        var reader = new MessageReader(limits);
        if (bytes.IsEmpty) { throw new ArrowFormatException("expected a schema, got nothing"); }
        var length = reader.Take(bytes, out _);
        if (reader.Schema is not { } schema) { throw new ArrowFormatException("expected a schema, got the end of the stream"); }
        Expect(schema);
        _schema = bytes[..length].ToArray();
        return bytes[length..];
    }

    private void Expect(ArrowSchema schema)
    {
        if (_reader.Schema != schema || schema.Fields.Any(static f => f.HasDictionaries)) { _reader.Expect(schema); }
        else { _reader.Again(); }
    }

    private ReadOnlyMemory<byte> Whole(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment) { return bytes.First; }
        var most = 3L * limits.MaxMetadataBytes + limits.MaxMessageBytes + limits.MaxDictionaryBytes;
        if (bytes.Length > Math.Min(most, Array.MaxLength))
        {
            throw new ArrowFormatException($"expected at most {most} bytes, got {bytes.Length}");
        }

        if (_copy.Length < bytes.Length) { _copy = GC.AllocateUninitializedArray<byte>((int)bytes.Length); }
        bytes.CopyTo(_copy);
        return _copy.AsMemory(0, (int)bytes.Length);
    }
}
