using NATS.Client.Core;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>
/// Lets a reader of a stream acknowledge something as soon as it is there. nats-server 2.9 that comes back after a kill removes what all
/// consumers have acknowledged; it may take one that has acknowledged nothing yet for none, and then removes what slower ones have not
/// read. So a message is published that goes to the new consumer, has nothing in it, and is acknowledged and dropped by whoever gets it.
/// </summary>
internal static class JetFloor
{
    private const string Header = "SL-Begin", Token = "%!";     // for a wildcard in the subject: no topic has it

    /// <summary>True if a consumer has acknowledged nothing, of a stream of which the server may then lose something.</summary>
    internal static bool IsMissing(INatsServerInfo? server, StreamInfo stream, ConsumerInfo consumer) =>
        consumer.AckFloor.StreamSeq == 0 && stream.Config is { Retention: StreamConfigRetention.Interest, NumReplicas: <= 1 }
        && consumer.Config.FilterSubject is { Length: > 0 }
        && server?.Version.StartsWith("2.9.", StringComparison.Ordinal) == true;        // 2.10 counts those that have acknowledged nothing

    /// <summary>True for a message that only lets somebody acknowledge it.</summary>
    internal static bool IsMark(HeaderBlock headers) => headers.TryFind("SL-Begin"u8, out _);

    /// <summary>The subject of such a message for a filter.</summary>
    internal static string SubjectOf(string filter) =>
        string.Join('.', filter.Split('.').Select(static level => level is "*" or ">" ? Token : level));

    /// <summary>Publishes it.</summary>
    internal static async Task MarkAsync(NatsLink link, string filter) => await link.SendAsync(
        SubjectOf(filter), default, new(caseSensitive: true) { [Header] = "1" }, reply: null).ConfigureAwait(false);
}
