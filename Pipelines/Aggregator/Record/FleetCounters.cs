using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Mqtt;
using StreamLearn.Nats;
using StreamLearn.Programs;

namespace Aggregator;

/// <summary>What the run of an aggregator has counted so far.</summary>
internal sealed record FleetCounters
{
    private const string Block = "aggregate";
    private const string Pieces = "join-pieces";
    private const string Malformed = "malformed";

    /// <summary>Drops of messages that are no updates, and of copies of updates whose fate is known.</summary>
    private static readonly ImmutableArray<string> OfOthers =
        ["not-restoring", "replaced", "over-credit", "after-end", "unknown-strategy", "unknown-device", "duplicate", "identity",
            "saved"];

    /// <summary>Updates that went into a version.</summary>
    internal long Accepted { get; init; }

    /// <summary>Updates, and pieces of them, that were refused, by reason; as <c>malformed</c>, messages that could not be read.</summary>
    internal ImmutableSortedDictionary<string, long> Refused { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Updates that count for less than their devices claimed.</summary>
    internal long Capped { get; init; }

    /// <summary>Versions that devices said they hold, and that there cannot be.</summary>
    internal long VersionsImplausible { get; init; }

    /// <summary>How often devices were called back from another aggregator.</summary>
    internal long Overtaken { get; init; }

    /// <summary>Versions of its own that devices held and that its state, an older one, did not know.</summary>
    internal long VersionsUnknown { get; init; }

    /// <summary>How often it went on from a version that the server had kept, for want of a checkpoint.</summary>
    internal long Restored { get; init; }

    /// <summary>How often a device gave back a version that its state, an older one, did not know.</summary>
    internal long Recovered { get; init; }

    /// <summary>Updates of devices that its state, an older one, did not know.</summary>
    internal long Missing { get; init; }

    /// <summary>That version; null: there was none.</summary>
    internal long? RestoredVersion { get; init; }

    /// <summary>False: the program is not connected to its server.</summary>
    internal bool Connected { get; init; } = true;

    /// <summary>Devices that are there.</summary>
    internal int Alive { get; init; }

    /// <summary>Updates of the version to come.</summary>
    internal int InRound { get; init; }

    /// <summary>Messages that wait inside the program.</summary>
    internal int Backlog { get; init; }

    /// <summary>What the block that aggregates shows of a budget, by the names of its gauges.</summary>
    internal IReadOnlyDictionary<string, double> Gauges { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Bytes that have come over the link.</summary>
    internal long BytesIn { get; init; }

    /// <summary>Bytes that have gone over the link.</summary>
    internal long BytesOut { get; init; }

    /// <summary>Reads them.</summary>
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

    /// <summary>Messages that a transport could not read, so that no block has seen them.</summary>
    private static long UnreadableOf(ITransport transport) => transport switch
    {
        NatsTransport { Status: var nats } => nats.Malformed + nats.Subscriptions.Sum(static s => s.Malformed),
        _ => 0,
    };

    private static (long In, long Out) BytesOf(ITransport transport) => transport switch
    {
        MqttTransport mqtt => Sum(mqtt.Status),
        NatsTransport nats => (nats.Status.BytesReceived, nats.Status.BytesSent),
        _ => (0, 0),        // one inside the process moves none
    };

    private static (long In, long Out) Sum(MqttStatus status) => (
        status.Publishing.BytesReceived + status.Subscriptions.Sum(static s => s.BytesReceived),
        status.Publishing.BytesSent + status.Subscriptions.Sum(static s => s.BytesSent));
}
