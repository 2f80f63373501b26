using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace StreamLearn.Formats;

internal ref struct JsonWriting(JsonPlan plan, Batch batch, IBufferWriter<byte> buffer)
{
    private const int ValueBytes = 64;      // more than any number or time needs
    private const int SpanBytes = 1024;

    private Span<byte> _span;
    private int _used;

    internal void Write()
    {
        Write(plan.Root, 0, batch.Rows);
        buffer.Advance(_used);
    }

    private void Write(PlanNode node, int row, int end)
    {
        if (node.Column >= 0) { Value(node.Column, row); }
        else if (node.Each is { } each) { Items(each, row, end); }
        else if (node.Places.Count > 0) { Places(node, row, end); }
        else { Members(node, row, end); }
    }

    private void Members(PlanNode node, int row, int end)
    {
        Byte('{');
        for (var c = 0; c < node.Children.Length; c++)
        {
            if (c > 0) { Byte(','); }
            node.Labels[c].CopyTo(Reserve(node.Labels[c].Length));
            _used += node.Labels[c].Length;
            Write(node.Children[c], row, end);
        }

        Byte('}');
    }

    private void Items(PlanNode each, int row, int end)
    {
        Byte('[');
        for (var r = row; r < end; r++)
        {
            if (r > row) { Byte(','); }
            Write(each, r, r + 1);
        }

        Byte(']');
    }

    private void Places(PlanNode node, int row, int end)
    {
        Byte('[');
        var last = node.Places.GetKeyAtIndex(node.Places.Count - 1);
        for (var place = 0; place <= last; place++)
        {
            if (place > 0) { Byte(','); }
            if (node.Places.TryGetValue(place, out var child)) { Write(child, row, end); }
            else { Null(); }
        }

        Byte(']');
    }

    private void Value(int column, int row)
    {
        var source = batch.Columns[column];
        if (row >= batch.Rows)
        {
            Nothing(column);
            return;
        }

        if (!source.IsValid(row))
        {
            Null();
            return;
        }

        if (plan.Columns[column].IsClass)
        {
            Class(plan.Columns[column], source.Values<int>()[row]);
            return;
        }

        var target = Reserve(ValueBytes);
        var written = 0;
        switch (source.Field.Type)
        {
            case ColumnType.Float32 when float.IsFinite(source.Values<float>()[row]):
                source.Values<float>()[row].TryFormat(target, out written, default, CultureInfo.InvariantCulture);
                break;
            case ColumnType.Float64 when double.IsFinite(source.Values<double>()[row]):
                source.Values<double>()[row].TryFormat(target, out written, default, CultureInfo.InvariantCulture);
                break;
            case ColumnType.Float32 or ColumnType.Float64:
                Null();
                return;
            case ColumnType.Int32:
                Utf8Formatter.TryFormat(source.Values<int>()[row], target, out written);
                break;
            default:
                written = Long(source.Values<long>()[row], plan.Columns[column], target);
                break;
        }

        _used += written;
    }

    /// <summary>Writes a readable placeholder for a batch without rows.</summary>
    private void Nothing(int column)
    {
        var field = batch.Columns[column].Field;
        if (field.Nullable) { Null(); }
        else if (field.Type == ColumnType.Int64) { _used += Long(0, plan.Columns[column], Reserve(ValueBytes)); }
        else if (plan.Columns[column].IsClass) { Class(plan.Columns[column], 0); }
        else { Byte('0'); }
    }

    private void Class(PlanColumn column, int place)
    {
        if ((uint)place >= (uint)column.Classes.Length)
        {
            Null();
            return;
        }

        var text = JsonEncodedText.Encode(column.Classes[place]).EncodedUtf8Bytes;
        Byte('"');
        text.CopyTo(Reserve(text.Length));
        _used += text.Length;
        Byte('"');
    }

    private static int Long(long value, PlanColumn column, Span<byte> target)
    {
        if (column.Unit == TimeUnit.Iso8601)
        {
            target[0] = target[IsoTime.Length + 1] = (byte)'"';
            IsoTime.Write(value, target[1..]);
            return IsoTime.Length + 2;
        }

        var scale = PowersOfTen.Whole[column.Power];
        var (whole, fraction) = Math.DivRem(value < 0 ? 0 - (ulong)value : (ulong)value, scale);
        var used = 0;
        if (value < 0) { target[used++] = (byte)'-'; }
        Utf8Formatter.TryFormat(whole, target[used..], out var written);
        used += written;
        if (fraction == 0) { return used; }
        target[used++] = (byte)'.';
        Utf8Formatter.TryFormat(fraction, target[used..], out written, new('D', (byte)column.Power));
        used += written;
        while (target[used - 1] == '0') { used--; }
        return used;
    }

    private void Null()
    {
        "null"u8.CopyTo(Reserve(4));
        _used += 4;
    }

    private void Byte(char value)
    {
        Reserve(1)[0] = (byte)value;
        _used++;
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_span.Length - _used < bytes)
        {
            buffer.Advance(_used);
            _span = buffer.GetSpan(Math.Max(bytes, SpanBytes));
            _used = 0;
        }

        return _span[_used..];
    }
}
