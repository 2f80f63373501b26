using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace StreamLearn.Programs;

/// <summary>A later label: the class of a device's rows over a time span.</summary>
internal sealed record LabelSpan(string Device, string Class, DateTimeOffset From, DateTimeOffset To)
{
    private static readonly DateTimeOffset Earliest = new(1700, 1, 1, 0, 0, 0, TimeSpan.Zero);  // fits in 64 bits as nanoseconds since 1970
    private static readonly DateTimeOffset Latest = new(2250, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Name for all devices.</summary>
    public const string Everybody = "all";

    /// <summary>JSON: <c>{"device":"pump-7","class":"worn","from":"2026-03-01T12:00:00Z","to":"2026-03-01T12:30:00Z"}</c>. Times are of
    /// 1700 to 2250, UTC without an offset; unknown members are ignored.</summary>
    public static ICodec<LabelSpan> Codec { get; } = new LabelJson();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"'{Class}' from {Text(From)} to {Text(To)}");

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);

    private sealed class LabelJson : ICodec<LabelSpan>
    {
        private const int MaxBytes = 4096;

        public string Name => "label/1";

        public void Encode(LabelSpan value, IBufferWriter<byte> buffer)
        {
            using var json = new Utf8JsonWriter(buffer);
            json.WriteStartObject();
            json.WriteString("device", value.Device);
            json.WriteString("class", value.Class);
            json.WriteString("from", Text(value.From));
            json.WriteString("to", Text(value.To));
            json.WriteEndObject();
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out LabelSpan value)
        {
            value = null;
            if (bytes.Length > MaxBytes) { return false; }
            try
            {
                using var document = JsonDocument.Parse(bytes);
                var span = document.RootElement;
                if (span.ValueKind != JsonValueKind.Object
                    || !TryText(span, "device", out var device) || !TryText(span, "class", out var name)
                    || !TryTime(span, "from", out var from) || !TryTime(span, "to", out var to))
                {
                    return false;
                }

                value = new(device, name, from, to);
                return true;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)  // InvalidOperationException: an unpaired surrogate
            {
                return false;
            }
        }

        private static bool TryText(JsonElement span, string name, [NotNullWhen(true)] out string? text)
        {
            text = span.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
            return !string.IsNullOrEmpty(text);
        }

        private static bool TryTime(JsonElement span, string name, out DateTimeOffset time)
        {
            time = default;
            return TryText(span, name, out var text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time) && time >= Earliest && time <= Latest;
        }
    }
}
