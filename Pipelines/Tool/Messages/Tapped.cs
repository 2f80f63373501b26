using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tool;

internal enum TapFormat
{
    Text,
    Json,
    Hex,
    Raw,
    Arrow,
}

internal static class Tapped
{
    private const int BytesAtAGlance = 32, CharactersAtAGlance = 1000;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding[] Marked = [Utf16(isBigEndian: false), Utf16(isBigEndian: true)];
    internal static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns one line without control characters, so that publishers cannot move the cursor. <paramref name="isWhole"/>: false
    /// to shorten long payloads.</summary>
    internal static string Text(in TappedMessage message, TapFormat format, bool isWhole = false)
    {
        var line = Head(message);
        return message.Payload.IsEmpty ? line : $"{line}  {Payload(message, format, isWhole)}";
    }

    internal static string Head(in TappedMessage message)
    {
        var line = new StringBuilder(Plain(message.Topic.Value));
        line.Append(CultureInfo.InvariantCulture, $"  {message.Payload.Length} B");
        if (message.Message.IsRetained) { line.Append("  retained"); }
        if (message.Fault is { } fault) { line.Append(CultureInfo.InvariantCulture, $"  no envelope, {fault}"); }
        if (message.Envelope is { } envelope)
        {
            line.Append("  ").Append(envelope.Codec).Append(envelope.Codec.Length == 0 ? "" : " ");
            line.Append(CultureInfo.InvariantCulture, $"{envelope.Origin.Source} {envelope.Origin.Epoch}/{envelope.Origin.Sequence}");
            if (envelope.Tags.BaseVersion is { } version) { line.Append(CultureInfo.InvariantCulture, $" version {version}"); }
        }

        foreach (var (name, value) in message.Message.Properties?.User ?? []) { line.Append($"  {Plain(name)}={Plain(value)}"); }
        if (message.Message.Properties?.ContentType is { } type) { line.Append(CultureInfo.InvariantCulture, $"  {Plain(type)}"); }
        return line.ToString();
    }

    /// <summary><paramref name="format"/>: null to omit the payload.</summary>
    internal static string Json(in TappedMessage message, TapFormat? format, DateTimeOffset now, Action<Utf8JsonWriter>? more = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Readable);
        json.WriteStartObject();
        json.WriteString("at", now);
        json.WriteString("topic", message.Topic.Value);
        json.WriteBoolean("retained", message.Message.IsRetained);
        json.WriteNumber("bytes", message.Payload.Length);
        if (message.Envelope is { } envelope) { Write(json, envelope); }
        if (message.Fault is { } fault) { json.WriteString("no_envelope", fault); }
        if (message.Message.Properties is { } properties) { Write(json, properties); }
        more?.Invoke(json);
        if (format is null) { }
        else if (format == TapFormat.Json && IsJson(message.Payload)) { Copy(json, message.Payload); }
        else if (format == TapFormat.Raw) { json.WriteBase64String("payload", message.Payload.ToArray()); }
        else if (format != TapFormat.Hex && IsText(message.Payload, message.Encoding, out var text)) { json.WriteString("payload", text); }
        else { json.WriteString("payload_hex", Convert.ToHexStringLower(message.Payload.ToArray())); }
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Payload(in TappedMessage message, TapFormat format, bool isWhole)
    {
        var payload = message.Payload;
        if (format == TapFormat.Json && IsJson(payload))
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(buffer, Readable);
            using var parsed = JsonDocument.Parse(payload);
            parsed.WriteTo(json);
            json.Flush();
            return Plain(Cut(Encoding.UTF8.GetString(buffer.WrittenSpan), isWhole));
        }

        if (format == TapFormat.Hex) { return Cut($"0x{Convert.ToHexStringLower(payload.ToArray())}", isWhole); }
        if (IsText(payload, message.Encoding, out var text)) { return Plain(Cut(text, isWhole)); }
        var start = payload.Slice(0, isWhole ? payload.Length : Math.Min(payload.Length, BytesAtAGlance));
        return $"0x{Convert.ToHexStringLower(start.ToArray())}{(payload.Length > start.Length ? "..." : "")}";
    }

    /// <summary>Shortens a string and adds the share shown; never splits a surrogate pair.</summary>
    private static string Cut(string text, bool isWhole)
    {
        if (isWhole || text.Length <= CharactersAtAGlance) { return text; }
        var end = char.IsHighSurrogate(text[CharactersAtAGlance - 1]) ? CharactersAtAGlance - 1 : CharactersAtAGlance;
        return string.Create(
            CultureInfo.InvariantCulture, $"{text.AsSpan(0, end)}... ({end} of {text.Length} characters, --whole shows all)");
    }

    private static void Write(Utf8JsonWriter json, in Envelope envelope)
    {
        json.WriteStartObject("envelope");
        json.WriteString("source", envelope.Origin.Source);
        json.WriteNumber("epoch", envelope.Origin.Epoch);
        json.WriteNumber("sequence", envelope.Origin.Sequence);
        json.WriteString("run", envelope.Run);
        json.WriteString("codec", envelope.Codec);
        if (envelope.Tags.Round is { } round) { json.WriteNumber("round", round); }
        if (envelope.Tags.BaseVersion is { } version) { json.WriteNumber("base_version", version); }
        json.WriteString("schema", envelope.Tags.SchemaHash.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MessageProperties properties)
    {
        json.WriteStartArray("properties");
        foreach (var (name, value) in properties.User)
        {
            json.WriteStartArray();
            json.WriteStringValue(name);
            json.WriteStringValue(value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        if (properties.ContentType is { } type) { json.WriteString("content_type", type); }
        if (properties.ResponseTopic is { } topic && !topic.StartsWith("_INBOX/", StringComparison.Ordinal))
        {
            json.WriteString("response_topic", topic);
        }

        if (!properties.CorrelationData.IsEmpty) { json.WriteBase64String("correlation", properties.CorrelationData.Span); }
    }

    private static void Copy(Utf8JsonWriter json, in ReadOnlySequence<byte> payload)
    {
        json.WritePropertyName("payload");
        using var parsed = JsonDocument.Parse(payload);
        parsed.WriteTo(json);
    }

    /// <summary>Returns false if a string has invalid UTF-8 or a lone surrogate.</summary>
    private static bool IsJson(in ReadOnlySequence<byte> payload)
    {
        if (!IsText(payload, null, out _)) { return false; }
        try
        {
            using var parsed = JsonDocument.Parse(payload);
            using var nowhere = new Utf8JsonWriter(Stream.Null);
            parsed.WriteTo(nowhere);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static UnicodeEncoding Utf16(bool isBigEndian) => new(isBigEndian, byteOrderMark: true, throwOnInvalidBytes: true);

    private static bool IsText(in ReadOnlySequence<byte> payload, Encoding? encoding, out string text)
    {
        var start = payload.Slice(0, Math.Min(2, payload.Length)).ToArray();
        try
        {
            text = (Array.Find(Marked, m => m.Preamble.SequenceEqual(start)) ?? encoding ?? Strict).GetString(payload).TrimStart('\uFEFF');
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>Escapes nonprintable characters as JSON does.</summary>
    internal static string Plain(string text)
    {
        if (text.EnumerateRunes().All(PrintableText.IsPrintable)) { return text; }
        var plain = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var c in $"{rune}") { plain.Append(PrintableText.IsPrintable(rune) ? $"{c}" : $"\\u{(int)c:x4}"); }
        }

        return plain.ToString();
    }
}
