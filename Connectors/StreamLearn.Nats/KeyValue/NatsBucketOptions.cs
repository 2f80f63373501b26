using System.Globalization;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>Settings of a key-value bucket.</summary>
public sealed record NatsBucketOptions
{
    /// <summary>Its name: letters, digits, <c>-</c>, <c>_</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Revisions that are kept of each key, 1 to 64. Default 1.</summary>
    public int History { get; init; } = 1;

    /// <summary>How long a value is kept; zero, the default: for ever.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Bytes of the whole bucket at most; −1, the default: no bound.</summary>
    public long MaxBytes { get; init; } = -1;

    /// <summary>Where. Default: in files.</summary>
    public NatsStorage Storage { get; init; }

    /// <summary>Servers of a cluster that have a copy, 1 to 5. Default 1.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>What it is for; null, the default: nothing is said.</summary>
    public string? Description { get; init; }

    /// <summary>Its stream. Source: NATS ADR-8, "JetStream based Key-Value Stores".</summary>
    internal NatsStream ToStream()
    {
        NatsText.Require(Description);
        ArgumentOutOfRangeException.ThrowIfLessThan(History, 1, nameof(History));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(History, 64, nameof(History));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAge, TimeSpan.Zero, nameof(MaxAge));
        return new()
        {
            Name = NatsBucket.StreamOf(NatsBucket.CheckedName(Name)),
            Subjects = [$"$KV.{Name}.>"],
            MaxMessagesPerSubject = History,
            MaxAge = MaxAge,
            MaxBytes = MaxBytes,
            Storage = Storage,
            Replicas = Replicas,
            Discard = NatsDiscard.New,
            AllowRollup = true,
            AllowDirect = true,
            DenyDelete = true,
            DuplicateWindow = NatsStream.WindowWithin(MaxAge),
            Description = Description,
        };
    }
}

/// <summary>What a revision of a key is.</summary>
public enum NatsEntryKind
{
    /// <summary>A value.</summary>
    Value,

    /// <summary>The key was deleted; earlier revisions are kept.</summary>
    Deleted,

    /// <summary>The key was deleted with all earlier revisions.</summary>
    Purged,
}

/// <summary>A revision of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; empty if it was deleted.</param>
/// <param name="Revision">Its number in the bucket, from 1.</param>
/// <param name="Created">When the bucket took it.</param>
/// <param name="Kind">What it is.</param>
public sealed record NatsEntry(string Key, ReadOnlyMemory<byte> Value, long Revision, DateTimeOffset Created, NatsEntryKind Kind)
{
    /// <summary>True if it was there before the watch began.</summary>
    public bool WasThere { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"Key = {NatsText.Plain(Key)}, Value = {Value.Length} bytes, Revision = {Revision}")
            .Append(CultureInfo.InvariantCulture, $", Created = {Created}, Kind = {Kind}, WasThere = {WasThere}");
        return true;
    }
}
