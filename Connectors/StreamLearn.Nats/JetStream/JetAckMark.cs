using NATS.Client.Core;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>Publishes an empty mark, which a new consumer acknowledges at once. After a kill, nats-server 2.9 removes messages that all
/// consumers acknowledged, and may ignore a consumer without acknowledgements, whose unread messages are then lost.</summary>
internal static class JetAckMark
{
    private const string Header = "SL-Begin", Token = "%!";     // replaces wildcards in the subject, because no topic contains it

    /// <summary>Returns true if a consumer has acknowledged nothing and its messages could be lost.</summary>
    internal static bool IsMissing(INatsServerInfo? server, StreamInfo stream, ConsumerInfo consumer) =>
        consumer.AckFloor.StreamSeq == 0 && stream.Config is { Retention: StreamConfigRetention.Interest, NumReplicas: <= 1 }
        && consumer.Config.FilterSubject is { Length: > 0 }
        && server?.Version.StartsWith("2.9.", StringComparison.Ordinal) == true;       // 2.10 also counts consumers without acknowledgments

    internal static bool IsMark(HeaderBlock headers) => headers.TryFind("SL-Begin"u8, out _);

    internal static string SubjectOf(string filter) =>
        string.Join('.', filter.Split('.').Select(static level => level is "*" or ">" ? Token : level));

    internal static async Task MarkAsync(NatsLink link, string filter) => await link.SendAsync(
        SubjectOf(filter), default, new(caseSensitive: true) { [Header] = "1" }, reply: null).ConfigureAwait(false);
}
