using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn;

namespace TauDemo;

/// <summary>What a node tells of itself, for those who watch the fleet. Immutable.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Case">The case whose rows it has; 0: none yet.</param>
/// <param name="Classes">How many rows it has of each kind.</param>
/// <param name="Lines">What it has sent and got since the last news.</param>
public sealed record NodeNews(string Node, int Case, ImmutableArray<int> Classes, ImmutableArray<string> Lines) : ISized
{
    private const int MostBytes = 64 << 10;

    /// <summary>News on their way: an object of JSON with these members.</summary>
    public static ICodec<NodeNews> Codec { get; } = new JsonCodec();

    /// <inheritdoc />
    public long SizeBytes => 128 + (2 * Lines.Sum(static l => (long)l.Length));

    private sealed class JsonCodec : ICodec<NodeNews>
    {
        public string Name => "node-news/1";

        public void Encode(NodeNews value, IBufferWriter<byte> buffer)
        {
            using var json = new Utf8JsonWriter(buffer);
            JsonSerializer.Serialize(json, value, NewsJson.Default.NodeNews);
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out NodeNews value)
        {
            value = null;
            if (bytes.Length > MostBytes) { return false; }
            try
            {
                var reader = new Utf8JsonReader(bytes);
                var read = JsonSerializer.Deserialize(ref reader, NewsJson.Default.NodeNews);
                if (read is not { Node: not null, Classes: { IsDefault: false, Length: TauRows.KindCount }, Lines.IsDefault: false }
                    || read.Lines.Contains(null!))
                {
                    return false;
                }

                value = read;
                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }
}

/// <summary>How news are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NodeNews))]
internal sealed partial class NewsJson : JsonSerializerContext;
