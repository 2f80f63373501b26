using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>What a <see cref="JetReader"/> reads, and how. <paramref name="Consumer"/>: the consumer, as it begins. One that acknowledges
/// nothing gets its messages in order, without a gap.</summary>
internal sealed record JetReading(string Stream, ConsumerConfig Consumer)
{
    /// <summary>True: the stream need not have any of the subjects.</summary>
    internal bool IsOptional { get; init; }

    /// <summary>Messages that are here and not acknowledged, at most.</summary>
    internal int Capacity { get; init; } = 64;

    /// <summary>How often the server says that it is there while there is nothing to read. Twice as long without a word is an
    /// error.</summary>
    internal TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Characters of a subject before its topic.</summary>
    internal int SubjectPrefix { get; init; }

    /// <summary>True: each message is acknowledged.</summary>
    internal bool Acknowledges => Consumer.AckPolicy == ConsumerConfigAckPolicy.Explicit;

    internal string Filter => Consumer.FilterSubject!;
}
