using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace StreamLearn.Tables;

internal sealed class JsonCodec<T>(string name, Action<Utf8JsonWriter, T> write, Func<JsonElement, T> read) : ICodec<T>
    where T : class
{
    public string Name => name;

    public void Encode(T value, IBufferWriter<byte> buffer)
    {
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        write(json, value);
        json.WriteEndObject();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out T value)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            value = read(document.RootElement);
            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            value = null;
            return false;
        }
    }
}
