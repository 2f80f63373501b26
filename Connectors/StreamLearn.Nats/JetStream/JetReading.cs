using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>Settings of a <see cref="JetReader"/>. <paramref name="Consumer"/>: initial; without acknowledgements, ordered and
/// gapless.</summary>
internal sealed record JetReading(string Stream, ConsumerConfig Consumer)
{
    /// <summary>True: the stream may lack the subjects.</summary>
    internal bool IsOptional { get; init; }

    /// <summary>Maximum unacknowledged messages.</summary>
    internal int Capacity { get; init; } = 64;

    /// <summary>The server's idle heartbeat; twice this silence is an error.</summary>
    internal TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Characters before the topic.</summary>
    internal int SubjectPrefix { get; init; }

    internal bool Acknowledges => Consumer.AckPolicy == ConsumerConfigAckPolicy.Explicit;

    internal string Filter => Consumer.FilterSubject!;
}
