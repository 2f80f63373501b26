using System.Buffers;
using System.Text.Encodings.Web;
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

/// <summary>The first column is the batch number.</summary>
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

internal sealed class RowObjects(ArrowSchema schema, TextWriter output) : RowText
{
    private const int Held = 1 << 15;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly string[] _keys = ArrowValues.Keys(schema.FieldsList);
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 10);
    private readonly StringBuilder _lines = new();

    internal override void Flush()
    {
        output.Write(_lines.ToString());
        _lines.Clear();
    }

    private protected override void Write(RecordBatch batch, int number, int row)
    {
        _lines.Append(Line(json => ArrowValues.WriteRow(json, batch, _keys, row), _bytes)).Append('\n');
        if (_lines.Length >= Held) { Flush(); }
    }

    /// <summary>Escapes terminal control characters.</summary>
    internal static string Line(Action<Utf8JsonWriter> write, ArrayBufferWriter<byte>? bytes = null)
    {
        bytes ??= new();
        bytes.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(bytes, Readable)) { write(json); }
        return Tapped.Plain(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }
}

internal sealed class RowCsv : RowText
{
    private const int Held = 1 << 15;

    private readonly TextWriter _output;
    private readonly StringBuilder _lines = new();

    internal RowCsv(ArrowSchema schema, TextWriter output)
    {
        _output = output;
        _lines.AppendJoin(',', ArrowValues.Keys(schema.FieldsList).Select(CsvText.Of)).Append('\n');
        Flush();
    }

    internal override void Flush()
    {
        _output.Write(_lines.ToString());
        _lines.Clear();
    }

    private protected override void Write(RecordBatch batch, int number, int row)
    {
        for (var c = 0; c < batch.ColumnCount; c++)
        {
            if (c > 0) { _lines.Append(','); }
            if (ArrowValues.Text(batch.Column(c), row) is { } text) { _lines.Append(CsvText.Of(text)); }
            else if (batch.ColumnCount == 1) { _lines.Append("\"\""); }       // many readers skip an empty line
        }

        _lines.Append('\n');
        if (_lines.Length >= Held) { Flush(); }
    }
}
