using System.Buffers;
using System.Text.Json;
using Apache.Arrow;
using StreamLearn.Arrow;
using ArrowSchema = Apache.Arrow.Schema;

namespace Tool;

/// <summary>Keeps each topic's schema for record batches sent without one.</summary>
internal sealed class ArrowTap(bool isWhole)
{
    private const int Topics = 4096, RowsAtAGlance = 20;
    private const string AFile = "a file of Arrow, not a stream; publish it with --format arrow";
    private const string Early = "a record batch without an earlier schema on this topic";

    private readonly Dictionary<string, ArrowReader> _known = new(StringComparer.Ordinal);
    private long _messages;
    private long _others;
    private long _early;

    /// <summary>A summary of other messages; null: all messages were Arrow.</summary>
    internal string? Summary
    {
        get
        {
            List<string> parts = [];
            if (_others > 0) { parts.Add(FormattableString.Invariant($"that are not Arrow, or are damaged: {_others} of {_messages}")); }
            if (_early > 0) { parts.Add(FormattableString.Invariant($"received before their schema: {_early} of {_messages}")); }
            return parts.Count == 0 ? null : $"messages {string.Join("; ", parts)}";
        }
    }

    /// <summary>Prints the schema only when it is new, or why the message is not Arrow.</summary>
    internal string Text(in TappedMessage message)
    {
        var (rows, text) = (new StringBuilder(), new StringBuilder());
        var (count, left, topic) = (0L, 0L, message.Topic.Value);
        var (schema, isNew, refusal) = Read(topic, message.Payload, batch =>
        {
            for (var row = 0; row < batch.Length; row++)
            {
                if (count++ >= RowsAtAGlance && !isWhole) { left++; }
                else { rows.Append("\n  ").Append(Row(batch, row)); }
            }
        });
        if (refusal is not null)
        {
            var why = refusal is AFile or Early ? refusal : $"not Arrow: {refusal}";
            return $"{Tapped.Text(message, TapFormat.Text, isWhole)}  ({Tapped.Plain(why)})";
        }

        if (isNew)
        {
            text.Append(Tapped.Plain(topic)).Append("  schema  ").Append(Tapped.Plain(ArrowSchemaText.Line(schema!))).Append('\n');
        }

        text.Append(Tapped.Head(message)).Append("  ").Append(ArrowSchemaText.Counted(count, "row", "rows")).Append(rows);
        if (left > 0) { text.Append(FormattableString.Invariant($"\n  ... {left} more, --whole shows all")); }
        return text.ToString();
    }

    internal string Json(in TappedMessage message, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var rows = new Utf8JsonWriter(buffer, Tapped.Readable);
        string[]? keys = null;
        rows.WriteStartArray();
        var (schema, isNew, refusal) = Read(message.Topic.Value, message.Payload, batch =>
        {
            keys ??= ArrowValues.Keys(batch.Schema.FieldsList);
            for (var row = 0; row < batch.Length; row++) { ArrowValues.WriteRow(rows, batch, keys, row); }
        });
        rows.WriteEndArray();
        rows.Flush();
        return Tapped.Plain(refusal is not null
            ? Tapped.Json(message, TapFormat.Text, now, json => json.WriteString("refusal", refusal))
            : Tapped.Json(message, null, now, json =>
            {
                if (isNew)
                {
                    json.WritePropertyName("schema");
                    ArrowSchemaText.WriteJson(json, schema!);
                }

                json.WritePropertyName("rows");
                json.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
            }));
    }

    private static string Row(RecordBatch batch, int row) =>
        string.Join("  ", batch.Arrays.Select(c => TextTable.Cut(Tapped.Plain(RowTable.Cell(c, row)), TextTable.CellCharacters)))
            .TrimEnd(' ');

    /// <summary>A payload is a whole stream, or batches of the topic's known schema.</summary>
    private (ArrowSchema? Schema, bool IsNew, string? Refusal) Read(string topic, in ReadOnlySequence<byte> payload,
        Action<RecordBatch> show)
    {
        _messages++;
        var bytes = payload.IsSingleSegment ? payload.First : payload.ToArray();
        var reader = new ArrowReader();
        var refusal = ReadAll(reader, bytes, show);
        if (reader.Schema is null && _known.TryGetValue(topic, out var known))
        {
            known.Restart();
            reader = known;
            refusal = ReadAll(reader, bytes, show);
        }

        if (refusal is null) { return (reader.Schema, Keep(topic, reader), null); }
        var said = bytes.Span.StartsWith("ARROW1"u8) ? AFile : ArrowInput.IsWithoutSchema(refusal) ? Early : refusal;
        if (said == Early) { _early++; }
        else { _others++; }
        return (null, false, said);
    }

    /// <summary>Returns true if the schema is new.</summary>
    private bool Keep(string topic, ArrowReader reader)
    {
        var isNew = !_known.TryGetValue(topic, out var known) || known.Schema != reader.Schema;
        if (_known.Count == Topics && known is null) { _known.Clear(); }
        _known[topic] = reader;
        return isNew;
    }

    /// <summary>Returns the error; null: none.</summary>
    private static string? ReadAll(ArrowReader reader, ReadOnlyMemory<byte> bytes, Action<RecordBatch> show)
    {
        try
        {
            if (bytes.IsEmpty) { return "expected a message, got nothing"; }
            while (reader.Read(ref bytes) is { } batch) { show(batch); }
            return bytes.Length > 0 ? FormattableString.Invariant($"expected the end, got {bytes.Length} more bytes")
                : reader.Schema is null ? "expected a schema, got the end of the stream" : null;
        }
        catch (ArrowFormatException e)
        {
            return e.Message;
        }
    }
}
