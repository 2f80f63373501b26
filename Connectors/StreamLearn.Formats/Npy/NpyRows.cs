using System.Buffers;
using System.Runtime.InteropServices;

namespace StreamLearn.Formats;

internal sealed class NpyRows(IReadOnlyList<string> names) : IRowEncoder
{
    private readonly byte[] _head = new byte[NpyHead.WrittenLength];
    private int[] _places = [];
    private ColumnType _type;

    public bool CountsRows => true;

    public string? Begin(Schema schema)
    {
        var columns = names.Count > 0 ? names : [.. schema.Fields.Where(f => f.Type == ColumnType.Float32).Select(f => f.Name)];
        _places = [.. columns.Select(schema.IndexOf)];
        if (_places.Length == 0 || _places.Contains(-1)) { return "schema"; }
        _type = schema.Fields[_places[0]].Type;
        return _places.All(p => schema.Fields[p].Type == _type) ? null : "schema";
    }

    public ReadOnlySpan<byte> Head(long rows)
    {
        NpyHead.Write(_head, _type, rows, _places.Length);
        return _head;
    }

    public string? Refusal(Batch batch)
    {
        if (_type is ColumnType.Float32 or ColumnType.Float64) { return null; }
        foreach (var place in _places)
        {
            if (batch.Columns[place].CountMissing() > 0) { return "missing"; }
        }

        return null;
    }

    public void Encode(Batch batch, ArrayBufferWriter<byte> bytes)
    {
        switch (_type)
        {
            case ColumnType.Float32: Gather(batch, bytes, float.NaN); break;
            case ColumnType.Float64: Gather(batch, bytes, double.NaN); break;
            case ColumnType.Int32: Gather(batch, bytes, 0); break;
            default: Gather(batch, bytes, 0L); break;
        }
    }

    private void Gather<T>(Batch batch, ArrayBufferWriter<byte> bytes, T missing)
        where T : unmanaged
    {
        var length = batch.Rows * _places.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        if (length == 0) { return; }
        var rows = MemoryMarshal.Cast<byte, T>(bytes.GetSpan(length));
        for (var c = 0; c < _places.Length; c++)
        {
            var column = batch.Columns[_places[c]];
            var values = column.Values<T>();
            var isWhole = !column.Field.Nullable || column.CountMissing() == 0;
            for (var r = 0; r < values.Length; r++) { rows[(r * _places.Length) + c] = isWhole || column.IsValid(r) ? values[r] : missing; }
        }

        bytes.Advance(length);
    }
}
