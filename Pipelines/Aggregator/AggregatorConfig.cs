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

    /// <summary>Time after which a round leaves out silent devices; null: derived from those of the others.</summary>
    internal TimeSpan? RoundTimeout { get; private init; }

    /// <summary>False: the newest version is in use. True: an average of few versions, for devices of one class each; null: by the
    /// strategy.</summary>
    internal bool? Average { get; private init; }

    /// <summary>Selection of the best version; null: the newest is used.</summary>
    internal BestVersion? Best { get; private init; }

    /// <summary>Hint on what <see cref="Best"/> needs in the devices' files.</summary>
    internal string? BestNote => Best is null ? null : "aggregate.best: no effect until a device holds back windows to evaluate "
        + "versions on: set hold_back under pipeline.learn in a sensor's file";

    /// <summary>The split of layers; null if devices train all layers.</summary>
    internal SplitFleetConfig? Split { get; init; }

    /// <summary>True if devices' requests carry 8-bit values; null if no requests are answered.</summary>
    internal bool? RestHasBytes { get; private init; }

    /// <summary>The program's own broker; null: none.</summary>
    internal BrokerConfig? Broker { get; private init; }

    /// <summary>Null: runs are not recorded.</summary>
    internal RecordConfig? Record { get; private init; }

    /// <summary>How long the leader must be silent before another takes over; null for a single aggregator.</summary>
    internal TimeSpan? Takeover { get; private init; }

    /// <summary>The program's broker, if the fleet uses it; null if the fleet uses another server.</summary>
    internal BrokerConfig? OwnBroker => Broker is { } broker && broker.IsAt(Link.Url) ? broker : null;

    /// <summary>Maximum updates in flight, K + k × devices; with fewer, one device could block another.</summary>
    internal int Window => Math.Min(ushort.MaxValue,
        Others.Append(Strategy).Max(static s => s.Strategy.Awaited) + (UpdatesUnderWay * Devices));

    /// <summary>Reports a sensor's file as one problem, instead of each unknown key.</summary>
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
        var model = ModelOf(map);
        var broker = BrokerOf(map, link, model);
        var config = map["aggregate", "when a version is made"].Section(m => Read(m, link, model) with { Broker = broker });
        var refusal = config.Split is null ? null : "expected no 'split' under aggregate: its planner measures times";
        return config with { Record = RecordConfig.Read(map, refusal) };
    }

    private static ModelConfig ModelOf(ConfigMap map)
    {
        var model = ModelConfig.Read(map, recorded: RecordedModel.Usual);
        if (model.Signature is null)
        {
            map["model"].Refuse("expected 'columns', and 'labels' or 'target', to detect devices with other classes or columns; "
                + "streamlearn-aggregator config init --model-of sensor.yaml writes them");
        }

        if (model.IsInt8 is true)
        {
            map["model"].Refuse("expected no 'precision: int8': an aggregator learns in float32; set it in the sensors' files");
        }

        return model;
    }

    private static BrokerConfig? BrokerOf(ConfigMap map, LinkConfig link, ModelConfig model)
    {
        if (map["broker", "an MQTT broker inside the program"].Map(BrokerConfig.Read).OrNull() is not { } broker) { return null; }
        if (broker.Logins is not null && broker.IsAt(link.Url) && link.Login is null)
        {
            map["link"].Refuse("expected 'login' in it: the aggregator also logs in to its own broker");
        }

        if (FleetTrial.BytesOf(model.Create()) is var bytes && broker.MaxPacketBytes < bytes)
        {
            map["broker"].Refuse(
                FormattableString.Invariant($"expected 'max_packet' of at least {bytes} bytes, the size of an update of this model"));
        }

        return broker;
    }

    private static AggregatorConfig Read(ConfigMap map, LinkConfig link, ModelConfig model)
    {
        var strategy = StrategyNames.Read(map["strategy", "how a version is made"]);
        var others = map["switchable", "alternatives for `streamlearn-aggregator switch fedavg -c aggregator.yaml`"]
            .As("list of such sections", isWhole: true).List(StrategyNames.Read, 0, 16).Or([]);
        if (others.Append(strategy).DistinctBy(static s => s.Name).Count() <= others.Length)
        {
            map["switchable"].Refuse("expected each strategy once, and not the initial one");
        }

        var split = SplitOf(map, others.Prepend(strategy));
        var takeover = TakeoverOf(map, link);
        return new(link, strategy, others, (int)map["devices", "expected devices"].Whole(1, 16_384).Or(100),
            (int)map["updates_under_way", "as the sensor's; in all, this × `devices` and one version's"]
                .Whole(1, CreditOptions.MaxUpdates).Or(2),
            map["lease", "silence after which a device is gone: three heartbeats"]
                .Duration(TimeSpan.FromMilliseconds(300), TimeSpan.FromHours(24)).Or(TimeSpan.FromSeconds(6)), model)
        {
            MaxWeight = (float)map["max_weight", "most weight of an update, as a multiple of the median"].Number(1, 1e9).Or(10),
            RoundTimeout = map["round_timeout",
                "with a barrier: then it leaves out silent devices; none: ten times the others' time, at least 1m"]
                .Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)).OrNull(),
            Average = map["average", "mean of the last versions: a thirtieth, with a barrier a quarter; `true`: a thirtieth; `false`: none"]
                .As(fallback: "by strategy").Boolean().OrNull(),
            MaxShare = map["max_share", "one device's largest share of a round of three or more; 1: no limit, no `flood`"]
                .Number(0.5, 1).Or(0.6),
            Split = split,
            Takeover = takeover,
            Best = map["best", "uses the best version on [held-back](#pipelinelearn) windows, not the newest. Needs such windows"]
                .Map(BestOf).OrNull(),
            RestHasBytes = map["answers", "runs last layers for `answer.where: auto`, `edge`; as devices' `exchange.boundary`"]
                .Word(("float32", false), ("int8", true)).OrNull(),
        };
    }

    private static SplitFleetConfig? SplitOf(ConfigMap map, IEnumerable<(string Name, Strategy Strategy)> strategies)
    {
        var split = map["split", "trains last layers for `learn.split`; none: such devices get no answer"]
            .Map(SplitFleetConfig.Read).OrNull();
        if (split is not null && strategies.FirstOrDefault(static s => !s.Strategy.AllowsSplit) is { Name: not null } other)
        {
            map["split"].Refuse($"expected no strategy that sets the steps of devices, got {other.Name}: the aggregator trains its "
                + "layers in its own rounds");
        }

        return split;
    }

    private static TimeSpan? TakeoverOf(ConfigMap map, LinkConfig link)
    {
        const string meaning = "NATS: silence before a standby [takes over](../guides/deploy.md#a-second-aggregator); equal in both files";
        var takeover = map["takeover", meaning].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)).OrNull();
        if (takeover is not null && link.Url.Scheme is not ("nats" or "tls"))
        {
            map["takeover"].Refuse("expected a link.url of NATS, nats:// or tls://, got "
                + $"{EdgeServer.NameOf(link.Url)}: takeover keeps its state in JetStream, which an MQTT server lacks");
        }

        return takeover;
    }

    private static BestVersion BestOf(ConfigMap map) => new()
    {
        SlowWhenNoBetterFor = map["slow", "after this time without a better version, devices slow down"]
            .Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)).Or(TimeSpan.FromMinutes(10)),
        StopWhenNoBetterFor = map["stop", "after this time without a better version, learning ends; none: never"]
            .Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)).OrNull(),
    };
}
