using System.Collections.Immutable;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace Aggregator;

internal sealed record FleetCounters
{
    private const string Block = "aggregate";
    private const string Pieces = "join-pieces";
    private const string Malformed = "malformed";

    /// <summary>Drops of other messages and of known duplicates.</summary>
    private static readonly ImmutableArray<string> OfOthers =
        ["not-restoring", "replaced", "over-credit", "after-end", "unknown-strategy", "unknown-device", "duplicate", "identity",
            "saved"];

    internal long Accepted { get; init; }

    /// <summary>Refused updates and pieces by reason; <c>malformed</c> counts unreadable messages.</summary>
    internal ImmutableSortedDictionary<string, long> Refused { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Updates applied with less weight than claimed.</summary>
    internal long Capped { get; init; }

    /// <summary>Number of impossible versions that devices reported.</summary>
    internal long VersionsImplausible { get; init; }

    /// <summary>Devices called back from another aggregator.</summary>
    internal long Overtaken { get; init; }

    /// <summary>Number of the aggregator's own versions found on devices but unknown to an older restored state.</summary>
    internal long VersionsUnknown { get; init; }

    /// <summary>Restores from the server's retained version, without a checkpoint.</summary>
    internal long Restored { get; init; }

    /// <summary>Versions recovered from devices after an older state was restored.</summary>
    internal long Recovered { get; init; }

    /// <summary>Updates unknown to an older restored state.</summary>
    internal long Missing { get; init; }

    /// <summary>Number of times that versions stopped waiting for a device.</summary>
    internal long LeftOut { get; init; }

    /// <summary>Versions that counted less, because few of the usual devices were in them.</summary>
    internal long Small { get; init; }

    /// <summary>The restored version; null: none.</summary>
    internal long? RestoredVersion { get; init; }

    internal bool Connected { get; init; } = true;

    internal int Alive { get; init; }

    /// <summary>Updates accepted for the next version.</summary>
    internal int InRound { get; init; }

    internal int Backlog { get; init; }

    /// <summary>Budget gauges of the aggregating block.</summary>
    internal IReadOnlyDictionary<string, double> Gauges { get; init; } = ImmutableDictionary<string, double>.Empty;

    internal long BytesIn { get; init; }

    internal long BytesOut { get; init; }

    internal static FleetCounters Of(RunMetrics metrics, IReadOnlyCollection<ITransport> link)
    {
        var aggregate = metrics[Block];
        var gauges = aggregate.Gauges;
        var unreadable = metrics.Blocks.Sum(static b => b.Drops.GetValueOrDefault(Malformed)) + link.Sum(UnreadableOf);
        var refused = aggregate.Drops
            .Select(d => KeyValuePair.Create(d.Key, d.Value - aggregate.Counter($"presences-{d.Key}")))
            .Concat(metrics.Blocks.Where(static b => b.Block == Pieces).SelectMany(static b => b.Drops))
            .Where(static d => d.Value > 0 && d.Key != Malformed && !OfOthers.Contains(d.Key))
            .GroupBy(static d => d.Key, static (reason, of) => KeyValuePair.Create(reason, of.Sum(static d => d.Value)));
        var bytes = link.Select(BytesOf).ToList();
        return new()
        {
            Accepted = aggregate.Counter("updates-applied"),
            Refused = (unreadable == 0 ? refused : refused.Append(new(Malformed, unreadable)))
                .ToImmutableSortedDictionary(static d => d.Key, static d => d.Value, StringComparer.Ordinal),
            Capped = aggregate.Counter("updates-capped"),
            VersionsImplausible = aggregate.Counter("versions-implausible"),
            Overtaken = aggregate.Counter("overtaken"),
            VersionsUnknown = aggregate.Counter("versions-unknown"),
            Restored = aggregate.Counter("restored"),
            Recovered = aggregate.Counter("recovered"),
            Missing = aggregate.Counter("updates-missing"),
            LeftOut = aggregate.Counter("devices-left-out"),
            Small = aggregate.Counter("small-rounds"),
            RestoredVersion = gauges.TryGetValue("restored-version", out var restored) ? (long)restored : null,
            Connected = link.All(EdgeServer.IsConnected),
            Alive = (int)gauges.GetValueOrDefault("devices-alive"),
            InRound = (int)gauges.GetValueOrDefault("updates-in-round"),
            Gauges = gauges,
            Backlog = metrics.Edges.Sum(static e => e.Queued),
            BytesIn = bytes.Sum(static b => b.In),
            BytesOut = bytes.Sum(static b => b.Out) is > 0 and var sent ? sent : metrics.Total("bytes-published"),
        };
    }

    /// <summary>Messages that never reached a block.</summary>
    private static long UnreadableOf(ITransport transport) => transport switch
    {
        NatsTransport { Status: var nats } => nats.Malformed + nats.Subscriptions.Sum(static s => s.Malformed),
        _ => 0,
    };

    private static (long In, long Out) BytesOf(ITransport transport) => transport switch
    {
        MqttTransport mqtt => Sum(mqtt.Status),
        NatsTransport nats => (nats.Status.BytesReceived, nats.Status.BytesSent),
        _ => (0, 0),        // an in-process transport counts no bytes
    };

    private static (long In, long Out) Sum(MqttStatus status) => (
        status.Publishing.BytesReceived + status.Subscriptions.Sum(static s => s.BytesReceived),
        status.Publishing.BytesSent + status.Subscriptions.Sum(static s => s.BytesSent));
}
