using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace StreamLearn.Nats;

/// <summary>Where a stream keeps its messages.</summary>
public enum NatsStorage
{
    /// <summary>On disk. The default.</summary>
    [JsonStringEnumMemberName("file")]
    File,

    /// <summary>In memory: gone when the server ends.</summary>
    [JsonStringEnumMemberName("memory")]
    Memory,
}

/// <summary>How long a stream keeps a message, within its limits.</summary>
public enum NatsRetention
{
    /// <summary>Until a limit is reached. The default.</summary>
    [JsonStringEnumMemberName("limits")]
    Limits,

    /// <summary>Until every consumer has acknowledged it; not at all where none wants it.</summary>
    [JsonStringEnumMemberName("interest")]
    Interest,

    /// <summary>Until the one consumer of its subject has acknowledged it.</summary>
    [JsonStringEnumMemberName("workqueue")]
    WorkQueue,
}

/// <summary>What a stream does with a message when it is full.</summary>
public enum NatsDiscard
{
    /// <summary>Its oldest messages make way. The default.</summary>
    [JsonStringEnumMemberName("old")]
    Old,

    /// <summary>The new message is refused.</summary>
    [JsonStringEnumMemberName("new")]
    New,
}

/// <summary>A stream: messages of some subjects, which the server keeps. Source: NATS documentation, "Streams".</summary>
public sealed record NatsStream
{
    /// <summary>Its name: visible ASCII without <c>. * &gt; / \</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The subjects that it keeps; default: its name.</summary>
    public ImmutableArray<string> Subjects { get; init; } = [];

    /// <summary>How long it keeps a message. Default <see cref="NatsRetention.Limits"/>.</summary>
    public NatsRetention Retention { get; init; }

    /// <summary>Where. Default <see cref="NatsStorage.File"/>.</summary>
    public NatsStorage Storage { get; init; }

    /// <summary>What it does when it is full. Default <see cref="NatsDiscard.Old"/>.</summary>
    public NatsDiscard Discard { get; init; }

    /// <summary>Servers of a cluster that have a copy of it, 1 to 5. Default 1.</summary>
    [JsonPropertyName("num_replicas")]
    public int Replicas { get; init; } = 1;

    /// <summary>Bytes at most; −1, the default: no bound.</summary>
    public long MaxBytes { get; init; } = -1;

    /// <summary>Messages at most; −1, the default: no bound.</summary>
    [JsonPropertyName("max_msgs")]
    public long MaxMessages { get; init; } = -1;

    /// <summary>Messages of one subject at most; −1, the default: no bound.</summary>
    [JsonPropertyName("max_msgs_per_subject")]
    public long MaxMessagesPerSubject { get; init; } = -1;

    /// <summary>Bytes of one message at most; −1, the default: as the server takes.</summary>
    [JsonPropertyName("max_msg_size")]
    public int MaxMessageBytes { get; init; } = -1;

    /// <summary>The age at which a message is removed; zero, the default: never.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan MaxAge { get; init; }

    /// <summary>For how long a message id is remembered: a second message with it is not kept. Default 2 min.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan DuplicateWindow { get; init; } = DefaultWindow;

    /// <summary>True: a message may replace all of its subject. Default false.</summary>
    [JsonPropertyName("allow_rollup_hdrs")]
    public bool AllowRollup { get; init; }

    /// <summary>True: every copy answers reads of single messages. Default false.</summary>
    public bool AllowDirect { get; init; }

    /// <summary>True: messages cannot be deleted one by one. Default false.</summary>
    public bool DenyDelete { get; init; }

    /// <summary>What it is for; null, the default: nothing is said.</summary>
    public string? Description { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"Name = {Name}, Subjects = {NatsText.List(Subjects.IsDefault ? [] : Subjects)}")
            .Append(CultureInfo.InvariantCulture, $", Retention = {Retention}, Storage = {Storage}, Discard = {Discard}")
            .Append(CultureInfo.InvariantCulture, $", Replicas = {Replicas}, MaxBytes = {MaxBytes}, MaxMessages = {MaxMessages}")
            .Append(CultureInfo.InvariantCulture, $", MaxMessagesPerSubject = {MaxMessagesPerSubject}")
            .Append(CultureInfo.InvariantCulture, $", MaxMessageBytes = {MaxMessageBytes}, MaxAge = {MaxAge}")
            .Append(CultureInfo.InvariantCulture, $", DuplicateWindow = {DuplicateWindow}, AllowRollup = {AllowRollup}")
            .Append(CultureInfo.InvariantCulture, $", AllowDirect = {AllowDirect}, DenyDelete = {DenyDelete}, Description = {Description}");
        return true;
    }

    private static readonly TimeSpan DefaultWindow = TimeSpan.FromMinutes(2);

    /// <summary>The window of a stream whose messages have an age at most; zero: none. Servers refuse a longer one.</summary>
    internal static TimeSpan WindowWithin(TimeSpan maxAge) =>
        maxAge > TimeSpan.Zero && maxAge < DefaultWindow ? maxAge : DefaultWindow;
}

/// <summary>A stream as it is.</summary>
public sealed record NatsStreamStatus
{
    /// <summary>Its settings.</summary>
    public required NatsStream Config { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>What it holds.</summary>
    public required NatsStreamState State { get; init; }
}

/// <summary>What a stream holds.</summary>
public sealed record NatsStreamState
{
    /// <summary>Messages.</summary>
    public long Messages { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The number of the oldest message.</summary>
    [JsonPropertyName("first_seq")]
    public long FirstSequence { get; init; }

    /// <summary>The number of the newest message that it has taken.</summary>
    [JsonPropertyName("last_seq")]
    public long LastSequence { get; init; }

    /// <summary>Its consumers.</summary>
    [JsonPropertyName("consumer_count")]
    public int Consumers { get; init; }
}
