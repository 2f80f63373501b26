using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using StreamLearn.Learning;

namespace StreamLearn.Compression;

/// <summary>Writes the schema hash, the number of rows, and each column's validity and values as <see cref="LosslessWords"/> or, if
/// shorter, <see cref="SteppedValues"/> (float32).</summary>
internal sealed class LosslessBatches(Schema schema) : ICodec<Batch>
{
    private const int MaxRows = 1 << 20;        // limits the memory that a short message can reserve
    private const int FixedBytes = 8 + 4;

    public string Name => "batches-lossless/1";

    public Schema? Schema => schema;

    public void Encode(Batch value, IBufferWriter<byte> buffer)
    {
        if (value.Rows > MaxRows || !value.Schema.Equals(schema))
        {
            throw new ArgumentException($"expected at most {MaxRows} rows of {schema}, got {value.Rows} of {value.Schema}", nameof(value));
        }

        var space = ArrayPool<byte>.Shared.Rent(MaxBytes(value.Rows));
        var at = 0;
        for (var c = 0; c < schema.Fields.Length; c++)
        {
            var column = value.Columns[c];
            column.Validity.CopyTo(space.AsSpan(at));
            at += column.Validity.Length;
            var bytes = column.Memory.Span[..(value.Rows * column.Field.Width)];
            var target = space.AsSpan(at + 4);
            var written = column.Field.Type == ColumnType.Float32 ? EncodeFloats(MemoryMarshal.Cast<byte, float>(bytes), target)
                : column.Field.Width == 4 ? LosslessWords.Encode(MemoryMarshal.Cast<byte, uint>(bytes), [], target)
                : LosslessWords.Encode(MemoryMarshal.Cast<byte, ulong>(bytes), [], target);
            MemoryMarshal.Write(space.AsSpan(at), written);
            at += 4 + written;
        }

        var frame = new FrameFields(buffer, FixedBytes + at);
        frame.Hash(schema.Hash);
        frame.Int(value.Rows);
        space.AsSpan(0, at).CopyTo(frame.Space(at));
        frame.End();
        ArrayPool<byte>.Shared.Return(space);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value)
    {
        value = null;
        var frame = new FrameFields(bytes);
        var (hash, rows) = (frame.Hash(null), frame.Int(null));
        if (frame.Failed || hash != schema.Hash || rows is < 0 or > MaxRows) { return false; }
        var batch = pool.Rent(schema, rows);
        for (var c = 0; c < schema.Fields.Length; c++)
        {
            var column = batch.Columns[c];
            frame.Read(column.Validity.Length).TryCopyTo(column.WritableValidity);
            var codes = frame.Read(frame.Int(null));
            var values = column.WritableBytes[..(rows * column.Field.Width)];
            var isRead = !frame.Failed && (column.Field.Type == ColumnType.Float32 && codes is [SteppedValues.Marker, ..]
                ? SteppedValues.TryDecode(codes, MemoryMarshal.Cast<byte, float>(values))
                : column.Field.Width == 4 ? LosslessWords.TryDecode(codes, [], MemoryMarshal.Cast<byte, uint>(values))
                : LosslessWords.TryDecode(codes, [], MemoryMarshal.Cast<byte, ulong>(values)));
            if (isRead) { continue; }
            batch.Dispose();
            return false;
        }

        if (!frame.Ended)
        {
            batch.Dispose();
            return false;
        }

        value = batch;
        return true;
    }

    private static int EncodeFloats(ReadOnlySpan<float> values, Span<byte> target)
    {
        var written = LosslessWords.Encode(MemoryMarshal.Cast<float, uint>(values), [], target);
        var stepped = ArrayPool<byte>.Shared.Rent(SteppedValues.MaxBytes(values.Length));
        if (SteppedValues.Encode(values, stepped) is > 0 and var shorter && shorter < written)
        {
            stepped.AsSpan(0, shorter).CopyTo(target);
            written = shorter;
        }

        ArrayPool<byte>.Shared.Return(stepped);
        return written;
    }

    private int MaxBytes(int rows)
    {
        var bytes = 0;
        foreach (var field in schema.Fields)
        {
            bytes += 4 + ((rows + 7) / 8) + (field.Width == 4 ? LosslessWords.MaxBytes<uint>(rows) : LosslessWords.MaxBytes<ulong>(rows));
        }

        return bytes;
    }
}
