namespace StreamLearn.Nats;

/// <summary>The bucket in which a transport keeps retained messages. Source: NATS ADR-8, "JetStream based Key-Value Stores".</summary>
internal static class NatsBucket
{
    internal static readonly TimeSpan WatchKeptFor = TimeSpan.FromSeconds(30);

    internal static string StreamOf(string bucket) => $"KV_{bucket}";

    /// <exception cref="ArgumentException">The name has other characters than a bucket's.</exception>
    internal static string CheckedName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name
            : throw new ArgumentException("expected a bucket of letters, digits, '-' and '_'", nameof(name));
    }
}

/// <summary>Settings of that bucket.</summary>
internal sealed record NatsBucketOptions
{
    internal required string Name { get; init; }

    internal TimeSpan MaxAge { get; init; }

    internal NatsStorage Storage { get; init; }

    internal int Replicas { get; init; } = 1;

    internal NatsStream ToStream() => new()
    {
        Name = NatsBucket.StreamOf(Name),
        Subjects = [$"$KV.{Name}.>"],
        MaxMessagesPerSubject = 1,
        MaxAge = MaxAge,
        Storage = Storage,
        Replicas = Replicas,
        Discard = NatsDiscard.New,
        AllowRollup = true,
        AllowDirect = true,
        DenyDelete = true,
        DuplicateWindow = NatsStream.WindowWithin(MaxAge),
    };
}
