using System.Collections.Immutable;
using StreamLearn.Learning;

namespace Aggregator;

internal sealed record AggregatorConfig(
    LinkConfig Link, (string Name, Strategy Strategy) Strategy, ImmutableArray<(string Name, Strategy Strategy)> Others, int Devices,
    int UpdatesUnderWay, TimeSpan Lease, ModelConfig Model)
{
    /// <summary>Maximum weight of an update, relative to the fleet's median.</summary>
    internal float MaxWeight { get; private init; } = 10;

    /// <summary>Maximum share of a device in a round.</summary>
    internal double MaxShare { get; private init; } = 0.6;

    /// <summary>Whether versions are averaged; null in asynchronous fleets.</summary>
    internal bool? Average { get; private init; }

    /// <summary>Selection of the best version; null: the newest is used.</summary>
    internal BestVersion? Best { get; private init; }

    /// <summary>Hint on what <see cref="Best"/> needs in the devices' files.</summary>
    internal string? BestNote => Best is null ? null : "aggregate.best: no effect until a device holds back windows to evaluate "
        + "versions on: set hold_back under pipeline.learn in a sensor's file";

    /// <summary>The split of layers; null: devices train all layers.</summary>
    internal SplitFleetConfig? Split { get; init; }

    /// <summary>8-bit values in requests of devices; null: answers none.</summary>
    internal bool? RestHasBytes { get; private init; }

    /// <summary>The program's own broker; null: none.</summary>
    internal BrokerConfig? Broker { get; private init; }

    /// <summary>Silence of the leader before takeover; null: single aggregator.</summary>
    internal TimeSpan? Takeover { get; private init; }

    /// <summary>The own broker, if the fleet uses it; null: the fleet uses another server.</summary>
    internal BrokerConfig? OwnBroker => Broker is { } broker && broker.IsAt(Link.Url) ? broker : null;

    /// <summary>Maximum updates in flight, K + k × devices: fewer could block a device on another.</summary>
    internal int Window => Math.Min(ushort.MaxValue,
        Others.Append(Strategy).Max(static s => s.Strategy.Awaited) + (UpdatesUnderWay * Devices));

    /// <summary>Reports a sensor's file once, not each unknown key.</summary>
    private static void RefuseSensor(ConfigMap map)
    {
        string[] keys = ["source", "columns", "pipeline", "exchange", "answers"];
        // reading them marks them as known
        if (keys.Where(map.Keys.Contains).Where(k => !map[k].IsAbsent).ToList() is [var first, _, ..])
        {
            map[first].Refuse("expected an aggregator's file, got a sensor's: run it with streamlearn-sensor, or write the aggregator's "
                + "file with streamlearn-aggregator config init --model-of FILE");
        }
    }

    internal static AggregatorConfig Read(ConfigMap map)
    {
        RefuseSensor(map);
        var link = LinkConfig.Read(map);
        var model = ModelConfig.Read(map, recorded: RecordedModel.Usual);
        if (model.Signature is null)
        {
            map["model"].Refuse("expected 'columns', and 'labels' or 'target', in it, to detect devices with other classes or columns; "
                + "streamlearn-aggregator config init --model-of sensor.yaml writes them");
        }

        if (model.IsInt8 is true)
        {
            map["model"].Refuse("expected no 'precision: int8': an aggregator learns in float32; set it in the sensors' files");
        }

        var broker = map["broker"].Map(BrokerConfig.Read).OrNull();
        if (broker is { Logins: not null } && broker.IsAt(link.Url) && link.Login is null)
        {
            map["link"].Refuse("expected 'login' in it: the aggregator also logs in to its own broker");
        }

        if (broker is not null && FleetTrial.BytesOf(model.Create()) is var bytes && broker.MaxPacketBytes < bytes)
        {
            map["broker"].Refuse(
                FormattableString.Invariant($"expected 'max_packet' of at least {bytes} bytes, the size of an update of this model"));
        }

        return map.Section("aggregate", m =>
        {
            var strategy = StrategyNames.Read(m["strategy"]);
            var others = m["switchable"].List(StrategyNames.Read, 0, 16).Or([]);
            if (others.Append(strategy).DistinctBy(static s => s.Name).Count() <= others.Length)
            {
                m["switchable"].Refuse("expected each strategy once, and not the initial one");
            }

            var split = m["split"].Map(SplitFleetConfig.Read).OrNull();
            if (split is not null
                && others.Prepend(strategy).FirstOrDefault(static s => !s.Strategy.AllowsSplit) is { Name: not null } other)
            {
                m["split"].Refuse($"expected no strategy that sets the steps of devices, got {other.Name}: the aggregator trains its "
                    + "layers in its own rounds");
            }

            var takeover = m["takeover"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)).OrNull();
            if (takeover is not null && link.Url.Scheme is not ("nats" or "tls"))
            {
                m["takeover"].Refuse("expected a link.url of NATS, nats:// or tls://, got "
                    + $"{EdgeServer.NameOf(link.Url)}: takeover keeps its state in JetStream, which an MQTT server lacks");
            }

            return new AggregatorConfig(link, strategy, others, (int)m["devices"].Whole(1, 16_384).Or(100),
                (int)m["updates_under_way"].Whole(1, CreditOptions.MaxUpdates).Or(2),
                m["lease"].Duration(TimeSpan.FromMilliseconds(300), TimeSpan.FromHours(24)).Or(TimeSpan.FromSeconds(6)), model)
            {
                MaxWeight = (float)m["max_weight"].Number(1, 1e9).Or(10),
                Broker = broker,
                Average = m["average"].Boolean().OrNull(),
                MaxShare = m["max_share"].Number(0.5, 1).Or(0.6),
                Split = split,
                Takeover = takeover,
                Best = m["best"].Map(static b => new BestVersion
                {
                    SlowWhenNoBetterFor = b["slow"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)).Or(TimeSpan.FromMinutes(10)),
                    StopWhenNoBetterFor = b["stop"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)).OrNull(),
                }).OrNull(),
                RestHasBytes = m["answers"].Word(("float32", false), ("int8", true)).OrNull(),
            };
        });
    }
}
