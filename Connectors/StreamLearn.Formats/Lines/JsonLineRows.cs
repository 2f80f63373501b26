using System.Buffers;

namespace StreamLearn.Formats;

internal sealed class JsonLineRows(JsonFormat format, int maxLineBytes, BatchPool pool) : RecordReader
{
    internal override RecordEnd Read(ByteWindow window, RowStage stage)
    {
        while (stage.Rows < stage.Capacity)
        {
            var rest = window.Rest;
            var length = rest.IndexOf((byte)'\n');
            if (length < 0) { return RecordEnd.NeedsMore; }
            if (rest[..length].Trim(" \t\r"u8).IsEmpty)
            {
                window.TryPassLine();
                continue;
            }

            if (length >= maxLineBytes) { return Refuse(window, length, FileFault.TooLong, null); }
            if (!format.TryDecode(new ReadOnlySequence<byte>(window.Bytes, window.At, length), pool, out var batch, out var refusal))
            {
                return Refuse(window, length, FaultOf(refusal.Reason), refusal.Column);
            }

            using (batch)
            {
                if (batch.Rows > stage.Capacity) { return Refuse(window, length, FileFault.TooLong, null); }
                if (batch.Rows > stage.Capacity - stage.Rows) { return RecordEnd.IsFull; }
                Copy(batch, stage);
            }

            window.TryPassLine();
        }

        return RecordEnd.IsFull;
    }

    private RecordEnd Refuse(ByteWindow window, int length, FileFault fault, string? column)
    {
        (Fault, FaultColumn, FaultLine, FaultBytes) = (fault, column, window.Line, window.At..(window.At + length));
        window.TryPassLine();
        return RecordEnd.Refused;
    }

    private static void Copy(Batch batch, RowStage stage)
    {
        for (var c = 0; c < batch.Schema.Fields.Length; c++)
        {
            var column = batch.Columns[c];
            switch (column.Field.Type)
            {
                case ColumnType.Float32: Copy<float>(column, c, stage); break;
                case ColumnType.Float64: Copy<double>(column, c, stage); break;
                case ColumnType.Int32: Copy<int>(column, c, stage); break;
                default: Copy<long>(column, c, stage); break;
            }
        }

        stage.Rows += batch.Rows;
    }

    private static void Copy<T>(Column column, int place, RowStage stage)
        where T : unmanaged
    {
        var values = column.Values<T>();
        for (var row = 0; row < values.Length; row++)
        {
            if (column.IsValid(row)) { stage.At<T>(place, stage.Rows + row) = values[row]; }
            else { stage.Miss(place, stage.Rows + row); }
        }
    }

    private static FileFault FaultOf(RefusalReason reason) => reason switch
    {
        RefusalReason.MissingPath or RefusalReason.MissingValue => FileFault.MissingValue,
        RefusalReason.WrongType => FileFault.WrongType,
        RefusalReason.NotFinite => FileFault.NotFinite,
        RefusalReason.BadTime => FileFault.BadTime,
        RefusalReason.UnknownClass => FileFault.UnknownClass,
        RefusalReason.TooManyRows or RefusalReason.WrongLength => FileFault.TooLong,
        RefusalReason.UnequalLengths => FileFault.WrongWidth,
        _ => FileFault.BadJson,
    };
}
