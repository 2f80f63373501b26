using System.Buffers;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using ArrowSchema = Apache.Arrow.Schema;

namespace Tool;

internal abstract class RowText
{
    internal long Rows { get; private set; }

    /// <summary>Stops at the requested number of rows.</summary>
    internal void Write(RecordBatch batch, int number, long most)
    {
        var rows = (int)Math.Min(batch.Length, most - Rows);
        for (var row = 0; row < rows; row++) { Write(batch, number, row); }
        Rows += rows;
        Flush();
    }

    internal abstract void Flush();

    internal virtual void End(ArrowInput input, bool isCut)
    {
    }

    private protected abstract void Write(RecordBatch batch, int number, int row);
}

/// <summary>Writes a table whose first column is the batch number.</summary>
internal sealed class RowTable(ArrowSchema schema, int? width, TextWriter output) : RowText
{
    private readonly TextTable _table = new(
        ["batch", .. schema.FieldsList.Select(static f => f.Name)], [true, .. schema.FieldsList.Select(ArrowValues.IsNumber)], width,
        output);

    /// <summary>Does nothing: a table buffers rows to find its widths.</summary>
    internal override void Flush()
    {
    }

    internal override void End(ArrowInput input, bool isCut)
    {
        _table.End();
        output.WriteLine(isCut
            ? $"the first {ArrowSchemaText.Counted(Rows, "row", "rows")}; --rows shows more"
            : $"{ArrowSchemaText.Counted(Rows, "row", "rows")} in {ArrowSchemaText.Counted(input.Batches, "batch", "batches")}");
    }

    private protected override void Write(RecordBatch batch, int number, int row)
    {
        var cells = new string[batch.ColumnCount + 1];
        cells[0] = number.ToString(CultureInfo.InvariantCulture);
        for (var c = 0; c < batch.ColumnCount; c++) { cells[c + 1] = Cell(batch.Column(c), row); }
        _table.Add(cells);
    }

    internal static string Cell(IArrowArray array, int row)
    {
        const int Bytes = 4 * TextTable.CellCharacters;
        var text = ArrowValues.Text(array, row, Bytes) ?? "-";
        var isBinary = array.Data.DataType.TypeId is ArrowTypeId.Binary or ArrowTypeId.LargeBinary or ArrowTypeId.FixedSizedBinary;
        return isBinary && array.IsValid(row) ? $"0x{text}" : text;
    }
}

/// <summary>Writes lines in parts of about 32,000 characters.</summary>
internal abstract class RowLines(TextWriter output) : RowText
{
    private const int Held = 1 << 15;

    private protected StringBuilder Lines { get; } = new();

    internal override void Flush()
    {
        output.Write(Lines.ToString());
        Lines.Clear();
    }

    private protected void EndLine()
    {
        Lines.Append('\n');
        if (Lines.Length >= Held) { Flush(); }
    }
}

internal sealed class RowObjects(ArrowSchema schema, TextWriter output) : RowLines(output)
{
    private readonly string[] _keys = ArrowValues.Keys(schema.FieldsList);
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 10);

    private protected override void Write(RecordBatch batch, int number, int row)
    {
        Lines.Append(Line(json => ArrowValues.WriteRow(json, batch, _keys, row), _bytes));
        EndLine();
    }

    /// <summary>Escapes terminal control characters.</summary>
    internal static string Line(Action<Utf8JsonWriter> write, ArrayBufferWriter<byte>? bytes = null)
    {
        bytes ??= new();
        bytes.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(bytes, Tapped.Readable)) { write(json); }
        return Tapped.Plain(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }
}

internal sealed class RowCsv : RowLines
{
    internal RowCsv(ArrowSchema schema, TextWriter output)
        : base(output)
    {
        Lines.AppendJoin(',', ArrowValues.Keys(schema.FieldsList).Select(CsvText.Of)).Append('\n');
        Flush();
    }

    private protected override void Write(RecordBatch batch, int number, int row)
    {
        for (var c = 0; c < batch.ColumnCount; c++)
        {
            if (c > 0) { Lines.Append(','); }
            if (ArrowValues.Text(batch.Column(c), row) is { } text) { Lines.Append(CsvText.Of(text)); }
            else if (batch.ColumnCount == 1) { Lines.Append("\"\""); }       // many readers skip an empty line
        }

        EndLine();
    }
}
