using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;

namespace StreamLearn.Arrow.Tests;

/// <summary>Batches made by hand, and written by Apache.Arrow.</summary>
internal static class SampleWriter
{
    internal static ArrowBatch Batch(ArrowSchema schema, params ImmutableArray<ArrowArray> columns) =>
        new(schema, columns) { Rows = columns.IsEmpty ? 0 : columns[0].Length };

    /// <summary>Creates an array from memory in Arrow layout, and validates it.</summary>
    internal static ArrowArray Array(ArrowField field, int length, ReadOnlyMemory<byte> validity = default,
        ReadOnlyMemory<byte> offsets = default, ReadOnlyMemory<byte> data = default, ImmutableArray<ArrowArray> children = default,
        ArrowArray? dictionary = null)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var array = new ArrowArray(field, children.IsDefault ? [] : children);
        var within = field.Dictionary is null ? field.Children.Length : 0;
        if (array.Children.Length != within || (dictionary is null) != (field.Dictionary is null))
        {
            throw new ArrowFormatException($"column '{field.Name}': expected arrays and a dictionary as {field.TypeText} has");
        }
        var missing = field.Type.Kind == ArrowKind.Null ? length : validity.IsEmpty ? 0 : length - Bits.Count(validity.Span, length);
        array.Set(length, missing, validity, offsets, data, dictionary);
        ArrayChecks.Check(array);
        return array;
    }

    internal static ArrowBatch Slice(this ArrowBatch batch, int start, int rows) =>
        new(batch.Schema, [.. batch.Columns.Select(c => c.Slice(start, rows))]) { Rows = rows };

    internal static ArrowArray Column(this ArrowBatch batch, string name) => batch.Columns[batch.Schema.IndexOf(name)];

    internal static byte[] Written(ArrowSchema schema, ArrowForm form, bool compresses, params ReadOnlySpan<ArrowBatch> batches) =>
        Written(schema, form, compresses ? CompressionCodecType.Lz4Frame : null, batches);

    internal static byte[] Written(ArrowSchema schema, ArrowForm form, CompressionCodecType? codec, params ReadOnlySpan<ArrowBatch> batches)
    {
        var columns = RecordSchemas.Of(schema);
        var options = new IpcOptions { CompressionCodec = codec, CompressionCodecFactory = new CompressionCodecFactory() };
        using var stream = new MemoryStream();
        using var writer = form == ArrowForm.File
            ? new ArrowFileWriter(stream, columns, leaveOpen: true, options)
            : new ArrowStreamWriter(stream, columns, leaveOpen: true, options);
        writer.WriteStart();
        foreach (var batch in batches) { writer.WriteRecordBatch(RecordArrays.Copy(batch, columns)); }
        writer.WriteEnd();
        return stream.ToArray();
    }
}
