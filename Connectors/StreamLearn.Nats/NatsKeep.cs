using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>
/// What a server keeps for a transport, by JetStream: messages of some topics, in a stream, until all who want them have acknowledged
/// them; and the newest message of each topic that is published to be retained, in a key-value bucket.
/// </summary>
public sealed record NatsKeep
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromMinutes(2);

    /// <summary>The stream. Made where it is missing; one that is there is used as it is. Default <c>streamlearn</c>.</summary>
    public string Stream { get; init; } = "streamlearn";

    /// <summary>Topics that the stream keeps. A subscription to some of them reads the stream; to any others, what passes. Default
    /// <c>sl/#</c>.</summary>
    public ImmutableArray<Topic> Topics { get; init; } = ["sl/#"];

    /// <summary>The bucket of retained messages. Made where it is missing. Default <c>streamlearn</c>.</summary>
    public string Bucket { get; init; } = "streamlearn";

    /// <summary>Topics on which messages may be retained. A subscription to none of them does not read the bucket, and needs no right to.
    /// Default <c>#</c>: all.</summary>
    public ImmutableArray<Topic> Retained { get; init; } = ["#"];

    /// <summary>
    /// The name under which the server keeps what waits for this program's subscriptions, also while it is not running: letters, digits,
    /// <c>-</c>, <c>_</c>. Two programs that run at once with the same name would share their messages. Empty, the default: it is kept for
    /// <see cref="KeptFor"/>.
    /// </summary>
    public string Reader { get; init; } = "";

    /// <summary>How long the server keeps what waits for a program without a name that is away. Default 5 min.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After this long without a word from its reader a message is delivered again, to another where there is one; while a reader
    /// is there, it says so in half that time. 1 s to an hour; default 10 s.</summary>
    public TimeSpan AckWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the server says that it is there while there is nothing to read; silence for twice as long is an error. 0.5 s to
    /// 15 s; default 5 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where a stream and a bucket that are made keep messages. Default: in files.</summary>
    public StreamConfigStorage Storage { get; init; }

    /// <summary>How long they keep a message at most; zero, the default: without a bound.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Bytes of a stream that is made, at most: while it is full, publishers wait. −1: no bound. Default 1 GiB.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Servers of a cluster that have a copy of a stream and a bucket that are made, 1 to 5. Default 1.</summary>
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

    /// <summary>The stream, as it is made: it keeps a message until all who want it have acknowledged it, and refuses more when it is
    /// full.</summary>
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

    /// <summary>The stream of the bucket, as it is made. Source: NATS ADR-8, "JetStream based Key-Value Stores".</summary>
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

    /// <summary>Servers refuse a longer one than messages have an age.</summary>
    private TimeSpan Window => MaxAge > TimeSpan.Zero && MaxAge < DefaultWindow ? MaxAge : DefaultWindow;

    /// <summary>The subjects that the stream has to have; for <c>a/#</c> not <c>a</c>, which is one that is made.</summary>
    internal ImmutableArray<string> Subjects => [.. Topics.Select(static t => NatsTopic.ToSubject(t)).Distinct()];

    private static IEnumerable<string> SubjectsOf(Topic topic)
    {
        var (subject, parent) = NatsTopic.Subscription(topic);
        return parent is null ? [subject] : [parent, subject];
    }

    /// <summary>True if the stream keeps all that a topic or a filter takes.</summary>
    internal bool Keeps(Topic topic)
    {
        foreach (var kept in Topics)
        {
            if (Covers(kept, topic)) { return true; }
        }

        return false;
    }

    /// <summary>True if messages may be retained on a topic, or on some that a filter takes.</summary>
    internal bool Retains(Topic topic) => Retained.Any(r => Meet(r.Value.Split('/'), topic.Value.Split('/')));

    /// <summary>True if there are topics that both filters take.</summary>
    private static bool Meet(ReadOnlySpan<string> one, ReadOnlySpan<string> other)
    {
        for (var i = 0; i < Math.Min(one.Length, other.Length); i++)
        {
            if (one[i] == "#" || other[i] == "#") { return true; }
            if (one[i] != other[i] && one[i] != "+" && other[i] != "+") { return false; }
        }

        var longer = one.Length > other.Length ? one : other;       // a/# takes a, too
        return one.Length == other.Length || longer[Math.Min(one.Length, other.Length)] == "#";
    }

    /// <summary>True if a filter takes all that another takes.</summary>
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
            throw new ArgumentException("expected topics on which messages are retained, got one without a text", nameof(Retained));
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
