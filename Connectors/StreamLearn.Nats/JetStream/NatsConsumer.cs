using System.Text.Json.Serialization;

namespace StreamLearn.Nats;

/// <summary>What confirms a message to a consumer.</summary>
public enum NatsAckPolicy
{
    /// <summary>Each message is acknowledged. The default.</summary>
    [JsonStringEnumMemberName("explicit")]
    Explicit,

    /// <summary>None is: a message is done with when it was delivered.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>One that is acknowledged confirms all before it.</summary>
    [JsonStringEnumMemberName("all")]
    All,
}

/// <summary>Which messages of a stream a new consumer begins with.</summary>
public enum NatsDeliverPolicy
{
    /// <summary>The oldest that the stream has. The default.</summary>
    [JsonStringEnumMemberName("all")]
    All,

    /// <summary>The newest.</summary>
    [JsonStringEnumMemberName("last")]
    Last,

    /// <summary>What comes from now on.</summary>
    [JsonStringEnumMemberName("new")]
    New,

    /// <summary>The one with a given number, or the next that the stream has.</summary>
    [JsonStringEnumMemberName("by_start_sequence")]
    BySequence,

    /// <summary>The first that the stream took at a given time or later.</summary>
    [JsonStringEnumMemberName("by_start_time")]
    ByTime,

    /// <summary>The newest of each subject.</summary>
    [JsonStringEnumMemberName("last_per_subject")]
    LastPerSubject,
}

/// <summary>A consumer: how far somebody has read a stream, kept by the server. It is pulled from. Source: NATS documentation,
/// "Consumers".</summary>
public sealed record NatsConsumer
{
    /// <summary>Its name; null: the server gives one. Visible ASCII without <c>. * &gt; / \</c>.</summary>
    public string? Name { get; init; }

    /// <summary>The name of one that stays without readers; it is enough to set this one. Null, the default: it goes when nobody has
    /// pulled for <see cref="InactiveThreshold"/>.</summary>
    public string? DurableName { get; init; }

    /// <summary>The subjects that it reads, of those of the stream; null, the default: all.</summary>
    public string? FilterSubject { get; init; }

    /// <summary>What confirms a message. Default <see cref="NatsAckPolicy.Explicit"/>.</summary>
    public NatsAckPolicy AckPolicy { get; init; }

    /// <summary>What it begins with. Default <see cref="NatsDeliverPolicy.All"/>.</summary>
    public NatsDeliverPolicy DeliverPolicy { get; init; }

    /// <summary>The number to begin with; null unless it begins by number.</summary>
    [JsonPropertyName("opt_start_seq")]
    public long? StartSequence { get; init; }

    /// <summary>The time to begin with; null unless it begins by time.</summary>
    [JsonPropertyName("opt_start_time")]
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>After this long without a word a message is delivered again. Default 30 s.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan AckWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a message is delivered at most; −1, the default: until it is acknowledged.</summary>
    [JsonPropertyName("max_deliver")]
    public int MaxDeliveries { get; init; } = -1;

    /// <summary>Messages that are delivered and not acknowledged, at most; −1: no bound. Default 1,000.</summary>
    [JsonPropertyName("max_ack_pending")]
    public int MaxUnacknowledged { get; init; } = 1000;

    /// <summary>After this long without a pull one that is not durable is removed; zero: the server's default, 5 s.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan InactiveThreshold { get; init; }

    /// <summary>Messages of one pull at most; null: no bound.</summary>
    [JsonInclude]
    internal int? MaxBatch { get; init; }

    /// <summary>Bytes of one pull at most; null: no bound.</summary>
    [JsonInclude, JsonPropertyName("max_bytes")]
    internal long? MaxPullBytes { get; init; }

    /// <summary>For how long a pull may wait; null: no bound.</summary>
    [JsonInclude, JsonConverter(typeof(NanosecondsConverter))]
    internal TimeSpan? MaxExpires { get; init; }

    /// <summary>Where it sends messages by itself; null: nowhere, it is pulled from.</summary>
    [JsonInclude]
    internal string? DeliverSubject { get; init; }

    /// <summary>What it is for; null, the default: nothing is said.</summary>
    public string? Description { get; init; }
}

/// <summary>A consumer as it is.</summary>
public sealed record NatsConsumerStatus
{
    /// <summary>The stream that it reads.</summary>
    [JsonPropertyName("stream_name")]
    public required string Stream { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Its settings.</summary>
    public required NatsConsumer Config { get; init; }

    /// <summary>The last message that it has delivered for the first time.</summary>
    public NatsConsumerPlace Delivered { get; init; }

    /// <summary>All messages up to this one are delivered and acknowledged.</summary>
    [JsonPropertyName("ack_floor")]
    public NatsConsumerPlace AckFloor { get; init; }

    /// <summary>Messages that it has yet to deliver.</summary>
    [JsonPropertyName("num_pending")]
    public long Pending { get; init; }

    /// <summary>Messages that are delivered and not acknowledged.</summary>
    [JsonPropertyName("num_ack_pending")]
    public long Unacknowledged { get; init; }

    /// <summary>Messages that have been delivered more than once and are not acknowledged.</summary>
    [JsonPropertyName("num_redelivered")]
    public long Redelivered { get; init; }

    /// <summary>Pulls that wait for messages.</summary>
    [JsonPropertyName("num_waiting")]
    public long Waiting { get; init; }
}

/// <summary>A place of a consumer.</summary>
/// <param name="ConsumerSequence">The number among its deliveries; 0: there was none.</param>
/// <param name="StreamSequence">The message's number in the stream; 0: there was none.</param>
public readonly record struct NatsConsumerPlace(
    [property: JsonPropertyName("consumer_seq")] long ConsumerSequence, [property: JsonPropertyName("stream_seq")] long StreamSequence);
