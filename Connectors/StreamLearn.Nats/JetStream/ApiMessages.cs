using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamLearn.Nats;

/// <summary>Why a request was refused.</summary>
/// <param name="Code">As of HTTP.</param>
/// <param name="ErrCode">The server's own number.</param>
/// <param name="Description">The server's words.</param>
internal sealed record ApiError(int Code, int ErrCode, string? Description)
{
    /// <summary>The server's words, without control characters.</summary>
    public string? Description { get; } = Description is null ? null : NatsText.Plain(Description);
}

/// <summary>What all answers have in common, and what some of them have.</summary>
internal sealed record ApiAnswer(ApiError? Error, bool? Success, long? Purged, StoredMessage? Message);

/// <summary>A message of a stream as it is stored; all but its sequence in Base64.</summary>
internal sealed record StoredMessage(string Subject, ulong Seq, string? Hdrs, string? Data, DateTimeOffset Time);

/// <summary>A part of a list.</summary>
internal sealed record StreamPage(long Total, int Offset, ImmutableArray<NatsStreamStatus> Streams);

/// <summary>A part of a list.</summary>
internal sealed record ConsumerPage(long Total, int Offset, ImmutableArray<NatsConsumerStatus> Consumers);

/// <summary>Asks for a part of a list.</summary>
internal sealed record PageRequest(int Offset);

/// <summary>Asks to create a consumer.</summary>
internal sealed record ConsumerRequest(string StreamName, NatsConsumer Config);

/// <summary>Asks to remove the messages of a subject; of the newest, some may stay.</summary>
internal sealed record PurgeRequest(string? Filter, long? Keep);

/// <summary>Asks for the streams that take a subject.</summary>
internal sealed record NamesRequest(string Subject);

/// <summary>The names of streams; a part of them. Without any, servers give null.</summary>
internal sealed record StreamNames(long? Total, string[]? Streams);

/// <summary>Asks for one message: by its number, the newest of a subject, or the first of a filter from a number on.</summary>
internal sealed record MessageRequest(ulong? Seq, string? LastBySubj, string? NextBySubj = null);

/// <summary>Reads and writes what the server's interface says, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiAnswer))]
[JsonSerializable(typeof(NatsStream))]
[JsonSerializable(typeof(NatsStreamStatus))]
[JsonSerializable(typeof(NatsConsumerStatus))]
[JsonSerializable(typeof(StreamPage))]
[JsonSerializable(typeof(ConsumerPage))]
[JsonSerializable(typeof(PageRequest))]
[JsonSerializable(typeof(ConsumerRequest))]
[JsonSerializable(typeof(PurgeRequest))]
[JsonSerializable(typeof(MessageRequest))]
[JsonSerializable(typeof(NamesRequest))]
[JsonSerializable(typeof(StreamNames))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>Times in nanoseconds.</summary>
internal sealed class NanosecondsConverter : JsonConverter<TimeSpan>
{
    private const long PerTick = 100;

    /// <inheritdoc />
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TimeSpan.FromTicks(reader.GetInt64() / PerTick);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(checked(value.Ticks * PerTick));
}
