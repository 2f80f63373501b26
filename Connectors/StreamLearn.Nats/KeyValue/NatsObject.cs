using System.Text.Json.Serialization;

namespace StreamLearn.Nats;

/// <summary>What is stored of a value of any size.</summary>
public sealed record NatsObject
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The store it is in.</summary>
    public required string Bucket { get; init; }

    /// <summary>What its chunks are named by.</summary>
    public required string Nuid { get; init; }

    /// <summary>Its bytes.</summary>
    public long Size { get; init; }

    /// <summary>When it was stored.</summary>
    public DateTimeOffset Mtime { get; init; }

    /// <summary>Its chunks.</summary>
    public int Chunks { get; init; }

    /// <summary><c>SHA-256=</c> and the digest in Base64 for addresses.</summary>
    public string Digest { get; init => field = value ?? ""; } = "";       // null: the JSON says nothing of it

    /// <summary>True: it was removed.</summary>
    public bool Deleted { get; init; }

    /// <summary>How it was stored; null: nothing is said.</summary>
    public NatsObjectOptions? Options { get; init; }
}

/// <summary>How a value was stored.</summary>
/// <param name="MaxChunkSize">Bytes of a chunk at most.</param>
public sealed record NatsObjectOptions(int MaxChunkSize);

/// <summary>Reads and writes what is said of an object, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(NatsObject))]
internal sealed partial class ObjectJson : JsonSerializerContext;
