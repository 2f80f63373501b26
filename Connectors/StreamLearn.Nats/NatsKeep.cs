using System.Collections.Immutable;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>What a server stores with JetStream: messages of some topics in a stream until all readers have acknowledged them, and the
/// newest retained message of each topic in a key-value bucket.</summary>
public sealed record NatsKeep
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromMinutes(2);

    /// <summary>The stream, created if missing; an existing one is not changed. Default <c>streamlearn</c>.</summary>
    public string Stream { get; init; } = "streamlearn";

    /// <summary>The topics of the stream. Subscriptions within them read the stream; others receive live messages. Default
    /// <c>sl/#</c>.</summary>
    public ImmutableArray<Topic> Topics { get; init; } = ["sl/#"];

    /// <summary>The bucket of retained messages, created if missing. Default <c>streamlearn</c>.</summary>
    public string Bucket { get; init; } = "streamlearn";

    /// <summary>Topics that allow retained messages. Other subscriptions do not read the bucket and need no permission for it. Default
    /// <c>#</c>: all.</summary>
    public ImmutableArray<Topic> Retained { get; init; } = ["#"];

    /// <summary>The name under which the server keeps messages for the subscriptions of this program, also while it is stopped: letters,
    /// digits, <c>-</c>, <c>_</c>. Concurrent programs with the same name share messages. Empty (default): messages are kept for
    /// <see cref="KeptFor"/>.</summary>
    public string Reader { get; init; } = "";

    /// <summary>How long the server keeps messages for a disconnected program without a name. Default 5 min.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a reader may not respond before a message is redelivered, possibly to another reader; a live reader responds in
    /// half that time. 1 s to an hour; default 10 s.</summary>
    public TimeSpan AckWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The idle heartbeat of the server; silence for twice that time is an error. 0.5 s to 15 s; default 5 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Storage of a stream and bucket that are created. Default: files.</summary>
    public StreamConfigStorage Storage { get; init; }

    /// <summary>Maximum age of their messages; zero (default): unlimited.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Maximum size of a stream that is created, in bytes; publishers wait while it is full. −1: unlimited. Default 1
    /// GiB.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Replicas of a stream and bucket that are created, 1 to 5. Default 1.</summary>
    public int Replicas { get; init; } = 1;

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"Stream = {Stream}, Topics = {NatsText.List(Topics.IsDefault ? [] : Topics)}")
            .Append(CultureInfo.InvariantCulture, $", Bucket = {Bucket}, Retained = {NatsText.List(Retained.IsDefault ? [] : Retained)}")
            .Append(CultureInfo.InvariantCulture, $", Reader = {Reader}, KeptFor = {KeptFor}, AckWait = {AckWait}")
            .Append(CultureInfo.InvariantCulture, $", Heartbeat = {Heartbeat}, Storage = {Storage}, MaxAge = {MaxAge}")
            .Append(CultureInfo.InvariantCulture, $", MaxBytes = {MaxBytes}, Replicas = {Replicas}");
        return true;
    }

    /// <summary>Returns a stream that keeps messages until all readers have acknowledged them, and refuses more when full.</summary>
    internal StreamConfig ToStream() => new(Stream, [.. Topics.SelectMany(SubjectsOf).Distinct()])
    {
        Retention = StreamConfigRetention.Interest,
        Discard = StreamConfigDiscard.New,
        Storage = Storage,
        MaxAge = MaxAge,
        MaxBytes = MaxBytes,
        MaxMsgs = -1,
        NumReplicas = Replicas,
        DuplicateWindow = Window,
    };

    /// <summary>Returns the stream of the bucket. Source: NATS ADR-8, "JetStream based Key-Value Stores".</summary>
    internal StreamConfig ToBucket() => new(BucketStream, [$"$KV.{Bucket}.>"])
    {
        Discard = StreamConfigDiscard.New,
        Storage = Storage,
        MaxAge = MaxAge,
        MaxBytes = -1,
        MaxMsgs = -1,
        MaxMsgsPerSubject = 1,
        NumReplicas = Replicas,
        AllowRollupHdrs = true,
        AllowDirect = true,
        DenyDelete = true,
        DuplicateWindow = Window,
    };

    internal string BucketStream => $"KV_{Bucket}";

    /// <summary>The deduplication window; servers refuse one above the maximum age.</summary>
    private TimeSpan Window => MaxAge > TimeSpan.Zero && MaxAge < DefaultWindow ? MaxAge : DefaultWindow;

    /// <summary>The required subjects; for <c>a/#</c> without <c>a</c>, which only streams created here have.</summary>
    internal ImmutableArray<string> Subjects => [.. Topics.Select(static t => NatsTopic.ToSubject(t)).Distinct()];

    private static IEnumerable<string> SubjectsOf(Topic topic)
    {
        var (subject, parent) = NatsTopic.Subscription(topic);
        return parent is null ? [subject] : [parent, subject];
    }

    internal bool Keeps(Topic topic)
    {
        foreach (var kept in Topics)
        {
            if (Covers(kept, topic)) { return true; }
        }

        return false;
    }

    internal bool Retains(Topic topic) => Retained.Any(r => Meet(r.Value.Split('/'), topic.Value.Split('/')));

    private static bool Meet(ReadOnlySpan<string> one, ReadOnlySpan<string> other)
    {
        for (var i = 0; i < Math.Min(one.Length, other.Length); i++)
        {
            if (one[i] == "#" || other[i] == "#") { return true; }
            if (one[i] != other[i] && one[i] != "+" && other[i] != "+") { return false; }
        }

        var longer = one.Length > other.Length ? one : other;       // a/# also matches a
        return one.Length == other.Length || longer[Math.Min(one.Length, other.Length)] == "#";
    }

    internal static bool Covers(Topic filter, Topic other)
    {
        if (!other.IsFilter) { return filter.Matches(other); }
        var (wide, narrow) = (filter.Value.Split('/'), other.Value.Split('/'));
        for (var i = 0; i < wide.Length; i++)
        {
            if (wide[i] == "#") { return true; }
            if (i >= narrow.Length || narrow[i] == "#") { return false; }
            if (wide[i] != narrow[i] && wide[i] != "+") { return false; }
        }

        return narrow.Length == wide.Length;
    }

    internal NatsKeep Checked()
    {
        NatsSubject.RequireStreamName(Stream);
        ArgumentNullException.ThrowIfNull(Reader);
        ArgumentException.ThrowIfNullOrEmpty(Bucket);
        NatsText.RequireName(Bucket);
        NatsText.RequireName(Reader);
        if (Topics.IsDefaultOrEmpty || Topics.Any(static t => t.Value is null))
        {
            throw new ArgumentException("expected a topic that the stream keeps, got none", nameof(Topics));
        }

        if (Retained.IsDefault || Retained.Any(static t => t.Value is null))
        {
            throw new ArgumentException("expected topics with retained messages, got one without text", nameof(Retained));
        }

        NatsOptions.Between(KeptFor, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365), nameof(KeptFor));
        NatsOptions.Between(AckWait, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(AckWait));
        NatsOptions.Between(Heartbeat, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(15), nameof(Heartbeat));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAge, TimeSpan.Zero, nameof(MaxAge));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, -1, nameof(MaxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(Replicas, 1, nameof(Replicas));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Replicas, 5, nameof(Replicas));
        return this;
    }
}
