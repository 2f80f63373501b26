using System.Buffers;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>
/// Lets a reader of a stream acknowledge something as soon as it is there. nats-server 2.9 that comes back after a kill removes what all
/// consumers have acknowledged; it may take one that has acknowledged nothing yet for none, and then removes what slower ones have not
/// read. So a message is published that goes to the new consumer, has nothing in it, and is acknowledged and dropped by whoever gets it.
/// </summary>
internal static class JetFloor
{
    private const int FirstMinorWithoutFault = 10;      // 2.10 counts consumers that have acknowledged nothing

    private static ReadOnlySpan<byte> Header => "SL-Begin"u8;

    /// <summary>What stands for a wildcard in the subject: no topic has it.</summary>
    private static string Token => "%!";

    /// <summary>True if a consumer has acknowledged nothing, of a stream of which the server may then lose something.</summary>
    internal static bool IsMissing(ServerInfo? server, NatsStreamStatus stream, NatsConsumerStatus consumer) =>
        consumer.AckFloor.StreamSequence == 0 && stream.Config is { Retention: NatsRetention.Interest, Replicas: <= 1 }
        && consumer.Config.FilterSubject is { Length: > 0 } && HasFault(server?.Version ?? "");

    /// <summary>True for a message that only lets somebody acknowledge it.</summary>
    internal static bool IsMark(ReadOnlySpan<byte> headers, int payloadBytes) =>
        payloadBytes == 0 && !headers.IsEmpty && new NatsHeaders(headers).TryFind(Header, out _);

    /// <summary>The subject of such a message for a filter.</summary>
    internal static string SubjectOf(string filter) =>
        string.Join('.', filter.Split('.').Select(static level => level is "*" or ">" ? Token : level));

    /// <summary>Publishes it.</summary>
    /// <exception cref="TransportException">There will never be a connection.</exception>
    internal static async Task MarkAsync(NatsConnection connection, string filter, CancellationToken cancellationToken)
    {
        var headers = new ArrayBufferWriter<byte>();
        Write(headers);
        await connection.PublishAsync(Encoding.UTF8.GetBytes(SubjectOf(filter)), default, headers.WrittenSpan, default,
            ReadOnlySequence<byte>.Empty, cancellationToken).ConfigureAwait(false);
    }

    private static void Write(ArrayBufferWriter<byte> output)
    {
        var headers = new NatsHeaderWriter(output);
        headers.Add(Header, "1"u8);
        headers.Complete();
    }

    private static bool HasFault(string version)
    {
        var parts = version.Split('.');
        return parts.Length > 1 && parts[0] == "2" && int.TryParse(parts[1], out var minor) && minor < FirstMinorWithoutFault;
    }
}
