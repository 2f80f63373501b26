using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace StreamLearn.Formats;

/// <summary>The bytes before each value of a line, which all lines of a writer share.</summary>
internal sealed class JsonLineForm(byte[][] names)
{
    private readonly byte[][] _before = new byte[names.Length][];
    private readonly int[] _order = new int[names.Length];
    private bool _isKnown;
    private bool _hasLearned;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal int TryRead(ByteWindow window, RowColumn[] columns, RowStage stage)
    {
        if (!_isKnown) { return 0; }
        ref var text = ref MemoryMarshal.GetArrayDataReference(window.Bytes);
        var (at, end, row) = (window.At, window.End, stage.Rows);
        for (var i = 0; i < columns.Length; i++)
        {
            var before = _before[i];
            if (at + before.Length >= end || !window.Bytes.AsSpan(at, before.Length).SequenceEqual(before)) { return 0; }
            at += before.Length;
            var column = columns[_order[i]];
            if (column.TryPlain(ref Unsafe.Add(ref text, at), stage, row, out var length))
            {
                if (Unsafe.Add(ref text, at + length) is not ((byte)',' or (byte)'}' or (byte)' ')) { return 0; }
                at += length;
            }
            else if (!TryText(window, column, stage, ref at)) { return 0; }
        }

        if (Unsafe.Add(ref text, at) != '}') { return 0; }
        at++;
        if (Unsafe.Add(ref text, at) == '\r') { at++; }
        return Unsafe.Add(ref text, at) == '\n' && at < end ? at + 1 - window.At : 0;
    }

    /// <summary>Learns the form of the first line read, if it has exactly the columns, each once.</summary>
    internal void Learn(ReadOnlySpan<byte> line)
    {
        if (_hasLearned) { return; }
        _hasLearned = true;
        var reader = new Utf8JsonReader(line);
        var (count, from) = (0, 0);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var column = -1;
            for (var c = 0; c < names.Length; c++)
            {
                if (reader.ValueTextEquals(names[c])) { column = c; }
            }

            reader.Read();
            if (column < 0 || count == names.Length) { return; }
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) { return; }
            (_before[count], _order[count]) = (line[from..(int)reader.TokenStartIndex].ToArray(), column);
            from = (int)reader.BytesConsumed;
            count++;
        }

        _isKnown = count == names.Length;
    }

    private static bool TryText(ByteWindow window, RowColumn column, RowStage stage, ref int at)
    {
        if (column.Value is not (RowValue.Class or RowValue.TimeText) || window.Bytes[at] != '"') { return false; }
        var rest = window.Bytes.AsSpan(at + 1, window.End - at - 1);
        var length = rest.IndexOfAny((byte)'"', (byte)'\\', (byte)'\n');
        if (length < 0 || rest[length] != '"' || column.Read(rest[..length], stage, stage.Rows) != FileFault.None) { return false; }
        at += length + 2;
        return true;
    }
}
