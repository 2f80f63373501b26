using System.Security.Cryptography;
using System.Text;

namespace StreamLearn;

/// <summary>A message in a recording: flag, topic, payload, content type, reply topic, correlation data, then names and values. Each is in
/// Base64; a dash means none.</summary>
internal sealed record RecordedMessage(Topic Topic, byte[] Payload, bool IsRetained, MessageProperties? Properties)
{
    private const string None = "-";
    private const int Fixed = 6;

    internal static string Text(Topic topic, ReadOnlySpan<byte> payload, bool isRetained, MessageProperties? properties)
    {
        List<string> words = [isRetained ? "1" : "0", Word(topic.Value), Word(payload)];
        if (properties is not null)
        {
            words.AddRange([Word(properties.ContentType), Word(properties.ResponseTopic), Word(properties.CorrelationData.Span)]);
            foreach (var (name, value) in properties.User) { words.AddRange([Word(name), Word(value)]); }
        }

        return string.Join(' ', words);
    }

    /// <summary>Null if the text is not a recorded message.</summary>
    internal static RecordedMessage? TryRead(string text)
    {
        var words = text.Split(' ');
        if (words[0] is not ("0" or "1") || words.Length < 3 || (words.Length != 3 && (words.Length < Fixed || words.Length % 2 != 0)))
        {
            return null;
        }

        try
        {
            return new(TextOf(words[1]) ?? "", Bytes(words[2]), words[0] == "1", words.Length == 3 ? null : new()
            {
                ContentType = TextOf(words[3]),
                ResponseTopic = TextOf(words[4]),
                CorrelationData = Bytes(words[5]),
                User = [.. words[Fixed..].Chunk(2).Select(static p => KeyValuePair.Create(TextOf(p[0]) ?? "", TextOf(p[1]) ?? ""))],
            });
        }
        catch (Exception e) when (e is FormatException or ArgumentException) { return null; }
    }

    /// <summary>Returns 16 bytes of the SHA-256 hash in hexadecimal.</summary>
    internal static string Hash(ReadOnlySpan<byte> payload) => Convert.ToHexStringLower(SHA256.HashData(payload).AsSpan(0, 16));

    private static string Word(string? text) => text is null ? None : Word(Encoding.UTF8.GetBytes(text));

    private static string Word(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? None : Convert.ToBase64String(bytes);

    private static byte[] Bytes(string word) => word == None ? [] : Convert.FromBase64String(word);

    private static string? TextOf(string word) => word == None ? null : Encoding.UTF8.GetString(Bytes(word));
}
