using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>What a <see cref="JetReader"/> reads, and how.</summary>
internal sealed record JetReading
{
    /// <summary>The stream.</summary>
    internal required string Stream { get; init; }

    /// <summary>The subjects of it.</summary>
    internal required string Filter { get; init; }

    /// <summary>True: the stream need not have any of the subjects.</summary>
    internal bool IsOptional { get; init; }

    /// <summary>The name under which the server keeps how far it has read; null: it keeps it for a while only.</summary>
    internal string? Durable { get; init; }

    /// <summary>True: each message is acknowledged. False: none is, and they come in order without a gap.</summary>
    internal bool Acknowledges { get; init; } = true;

    /// <summary>What it begins with.</summary>
    internal ConsumerConfigDeliverPolicy From { get; init; }

    /// <summary>The number to begin with; null unless it begins by number.</summary>
    internal long? FromSequence { get; init; }

    /// <summary>The time to begin with; null unless it begins by time.</summary>
    internal DateTimeOffset? FromTime { get; init; }

    /// <summary>Messages that are here and not acknowledged, at most.</summary>
    internal int Capacity { get; init; } = 64;

    /// <summary>Bytes of one pull at most, where that is more than the largest message that the server takes. Where the newest of each
    /// subject is read, the capacity alone bounds it.</summary>
    internal int MaxBytes { get; init; } = 8 << 20;

    /// <summary>After this long without a word a message goes to another reader. Half of it after a message came, the server is told that
    /// it is still being worked on.</summary>
    internal TimeSpan AckWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the server says that it is there while there is nothing to read. Twice as long without a word is an
    /// error.</summary>
    internal TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the server keeps a consumer that is not durable for a reader that is away.</summary>
    internal TimeSpan KeptFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Characters of a subject before its topic.</summary>
    internal int SubjectPrefix { get; init; }
}
