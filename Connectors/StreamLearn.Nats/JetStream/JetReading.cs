using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary><paramref name="Consumer"/>: the initial one; without acknowledgements, it is ordered and has no gaps.</summary>
internal sealed record JetReading(string Stream, ConsumerConfig Consumer)
{
    /// <summary>True: the stream may not have the subjects.</summary>
    internal bool IsOptional { get; init; }

    internal int Capacity { get; init; } = 64;

    /// <summary>The idle heartbeat of the server; silence for twice that time is an error.</summary>
    internal TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Characters before the topic.</summary>
    internal int SubjectPrefix { get; init; }

    internal bool Acknowledges => Consumer.AckPolicy == ConsumerConfigAckPolicy.Explicit;

    internal string Filter => Consumer.FilterSubject!;
}
