using System.Collections.Immutable;
using StreamLearn.Samples;

namespace Sensor;

internal abstract record StepConfig;

internal sealed record WindowConfig(int Samples, int Hop) : StepConfig;

internal sealed record CheckConfig(TimeSpan Stuck) : StepConfig;

internal sealed record LearnConfig(double Rate, double Momentum, double ClipNorm, int Batch, int Buffer, bool AdjustLogits) : StepConfig
{
    internal int StepsPerWindow { get; init; } = 1;

    /// <summary>The split; null if all layers stay on the device and learn from a buffer.</summary>
    internal SplitConfig? Split { get; init; }

    /// <summary>Total steps of a device; null: <see cref="StepsPerWindow"/> each.</summary>
    internal int? Steps { get; init; }

    /// <summary>Maximum mean number of times a window is used; null if unlimited.</summary>
    internal int? MaxVisits { get; init; }

    /// <summary>Mean number of uses of a window after which the rate falls; null if it stays.</summary>
    internal int? ShrinkAfter { get; init; }

    internal double Penalty { get; init; }

    internal double? HoldBack { get; init; }
}

internal sealed record SplitConfig(int? Layers, ImmutableArray<double> Watts);

internal sealed record SensorConfig(
    LinkConfig Link, SourceConfig Source, CheckConfig Check, WindowConfig Window, LearnConfig Learn, ExchangeConfig Exchange)
{
    private const double UsualTolerance = 0.1;
    private const double ArrivalTolerance = 0.5;        // messages arrive in bursts

    internal ColumnsConfig Columns { get; init; } = new([], null, null);

    /// <summary>Minimum interval between saves; null to save as soon as something waits for it.</summary>
    internal TimeSpan? SaveEvery { get; init; }

    internal RecordConfig? Record { get; init; }

    internal ModelConfig Model { get; init; } = ModelConfig.Default;

    internal AnswersConfig? Answers { get; init; }

    internal AnomaliesConfig? Anomalies { get; init; }

    internal bool Learns { get; init; } = true;

    internal string? RateText => Model is { Resamples: true, RowsPerSecond: { } rate }
        ? $"resampled to the model's rate, {StreamLearn.Tables.RateText.Of(rate)}" : null;

    internal static SensorConfig Read(ConfigMap map) => Read(map, learns: true);

    internal static SensorConfig ReadRows(ConfigMap map) => Read(map, learns: false);

    private static SensorConfig Read(ConfigMap map, bool learns)
    {
        if (map.Keys.Contains("aggregate") && map["source"].IsAbsent)
        {
            map["aggregate"].Refuse("expected a sensor's file, got an aggregator's: run it with streamlearn-aggregator");
        }

        var link = LinkConfig.Read(map, isSensor: true);
        var source = SourceReading.Read(map);
        var columns = ColumnsReading.Read(map);
        var anomalies = AnomaliesConfig.Read(map, ChannelsOf(source, columns), to => source is ServerConfig from
            && EdgeServer.NameOf(from.Url) == EdgeServer.NameOf(to.Url ?? link.Url) && from.Takes(to.Topic),
            columns is null ? null : name => columns.Channels.First(c => c.Name == name).Unit);
        var onlyWatches = anomalies is not null && columns is { Label: null, Value: null };
        learns &= !onlyWatches;
        CheckColumns(map, source, columns, learns);
        var steps = StepsOf(map, source, onlyWatches ? 1 : 3);
        if (onlyWatches) { CheckOnlyWatches(map, steps); }
        if (steps is not [CheckConfig check, WindowConfig window, LearnConfig learn])
        {
            if (steps.Length == 3) { map["pipeline"].Refuse("expected check, window and learn, in this order"); }
            (check, window, learn) = (steps is [CheckConfig only] ? only : new(default), new(128, 64), new(0, 0, 1, 1, 1, true));
        }

        var needed = steps is [CheckConfig, WindowConfig, LearnConfig] ? Needed(source, columns, window) : null;
        var exchange = map["exchange", "pace and form of updates"].Section(ExchangeConfig.Read);
        var model = learns || needed is not null ? ModelConfig.Read(map, needed, RecordedModel.Usual) : Unread(map);
        if (!source.HasColumns && !model.Labels.SequenceEqual(RecordedModel.Usual.Labels))
        {
            map["model"].Refuse($"expected the classes in the order of the recordings, {string.Join(", ", RecordedModel.Usual.Labels)}");
        }

        var answers = AnswersConfig.Read(map, model);
        if (steps.Length == 3) { CheckLearn(map, learn, exchange, model); }
        return new(link, model.Resamples && columns?.Time is not null ? source.AtAnyRate() : source, check, window, learn, exchange)
        {
            Columns = columns?.InOrderOf(model) ?? new([], null, null),
            SaveEvery = map["save_every",
                "least time between a device's checkpoints, and between `status.json`: [less wear](#what-goes-to-disk)"]
                .Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)).OrNull(),
            Record = RecordOf(map, source, learn),
            Model = model,
            Answers = answers,
            Anomalies = anomalies,
            Learns = !onlyWatches,
        };
    }

    private static ImmutableArray<StepConfig> StepsOf(ConfigMap map, SourceConfig source, int count) =>
        map["pipeline", "processing; `check` alone only watches"].As("list of `check`, `window`, `learn`").List(e => e.OneOf<StepConfig>(
            ("check", m => CheckOf(m, source)), ("window", WindowOf), ("learn", m => LearnOf(m, source))).Required(), count, count)
            .Required();

    private static void CheckOnlyWatches(ConfigMap map, ImmutableArray<StepConfig> steps)
    {
        map.RefuseGiven(["model", "exchange", "answer", "alerts"],
            static _ => "expected none: without a column with label or target nothing is learned");
        if (steps is [not CheckConfig])
        {
            map["pipeline"].Refuse("expected only 'check': without a label or target nothing is learned");
        }
    }

    private static void CheckLearn(ConfigMap map, LearnConfig learn, ExchangeConfig exchange, ModelConfig model)
    {
        if (learn.Buffer < model.Classes)
        {
            map["pipeline"].Refuse(FormattableString.Invariant(
                $"expected a buffer of learn of at least {model.Classes} windows, one for each class, got {learn.Buffer}"));
        }

        if (learn.Split is not { } split) { return; }
        SplitKeys.Check(map, split.Layers, model, exchange.Code is not null ? "code"
            : exchange.Significance is not null ? "significance" : exchange.PieceBytes is not null ? "piece" : null);
        if (model.Target is not null) { map["pipeline"].Refuse("expected no split with a target: a split learns classes"); }
    }

    private static RecordConfig? RecordOf(ConfigMap map, SourceConfig source, LearnConfig learn)
    {
        var record = RecordConfig.Read(map);
        if (record is null) { return null; }
        if (source is LinesConfig or HostConfig or CsvConfig { Follow: not null })
        {
            map["record"].Refuse("expected rows that can come again: of files that do not grow, or of a server");
        }

        if (learn.Split is { Layers: null })
        {
            map["record"].Refuse("expected 'layers' under learn: what the planner is told is measured, and differs each time");
        }

        return record;
    }

    private static ImmutableArray<string> ChannelsOf(SourceConfig source, ColumnsConfig? columns) => source.HasColumns
        ? columns is null ? [] : [.. columns.Channels.Select(static c => c.Name)]
        : [.. HarRecordings.Schema.Fields.Where(static f => f.Type == ColumnType.Float32).Select(static f => f.Name)];

    private static ModelConfig Unread(ConfigMap map)
    {
        map.Section("model", static m => m.Known());
        return ModelConfig.Default;
    }

    private static ModelConfig? Needed(SourceConfig source, ColumnsConfig? columns, WindowConfig window)
    {
        if (!source.HasColumns) { return RecordedModel.Of(window.Samples, window.Hop); }
        var target = columns?.Value?.Target;
        return columns is { Channels.Length: > 0 } && (target is not null || columns.Label is not null)
            ? new(columns.Channels.Length, window.Samples, columns.Label?.Classes.Length ?? 0, ModelConfig.Default.Seed)
            {
                Labels = columns.Label?.Classes ?? [],
                Target = target,
                Columns = [.. columns.Channels.Select(static c => Field.Channel(c.Name, c.Unit))],
                RowsPerSecond = source.RowsPerSecond,
                Hop = window.Hop,
                SpanTolerance = columns.Time is { Unit: null } ? ArrivalTolerance : UsualTolerance,
                HasTimes = columns.Time is not { Unit: null },
            }
            : null;
    }

    private static void CheckColumns(ConfigMap map, SourceConfig source, ColumnsConfig? columns, bool learns)
    {
        var entry = map["columns"];
        if (!source.HasColumns)
        {
            if (columns is not null) { entry.Refuse("expected no columns: recordings and generator define them"); }
            return;
        }

        if (columns is null)
        {
            entry.Map(static _ => true).Required();
            return;
        }

        if (learns && columns is { Label: null, Value: null })
        {
            entry.Refuse("expected a column with label: [class, class] or target: [min, max]: without one nothing can be learned; "
                + "'once' shows the rows");
        }

        if (source is CsvConfig { Rate: null } && columns.Time is null)
        {
            entry.Refuse("expected a column with time: ms, or source.csv.rate, such as 50/s, for evenly spaced rows");
        }

        if (source is not (CsvConfig or LiveConfig { Form: PayloadForm.Csv }) && columns.Time is { Format: { } format })
        {
            entry.Refuse($"expected time: iso8601, s, ms, us or ns: a format such as '{format}' is for csv");
        }

        if (source is not LiveConfig && columns.Time is { Unit: null })
        {
            entry.Refuse("expected a time in the data: time: arrival is for mqtt, nats, command and serial");
        }

        if (source is LiveConfig live) { RowCodecs.Check(entry, live, columns); }
        if (source is HostConfig) { HostColumns.Check(entry, columns); }
    }

    private static CheckConfig CheckOf(ConfigMap map, SourceConfig source) =>
        new(map["stuck", "longest time a channel may stay the same"].Duration(TimeSpan.FromMilliseconds(100), StuckTime.Longest)
            .Or(StuckTime.Of(source)));

    private static WindowConfig WindowOf(ConfigMap map)
    {
        var (samples, hop) = ModelConfig.Window(map);
        return new(samples, hop);
    }

    private static LearnConfig LearnOf(ConfigMap map, SourceConfig source)
    {
        var steps = (int?)map["steps", "instead, for rows that end: a device's total"].Whole(1, 1_000_000).OrNull();
        if (steps is not null && !source.Ends)
        {
            map["steps"].Refuse("expected a source whose rows end; for others use steps_per_window");
        }

        if (steps is not null && !map["steps_per_window"].IsAbsent) { map["steps"].Refuse("expected steps or steps_per_window, not both"); }
        var hasSplit = SplitKeys.Read(map, out var layers, out var watts);
        return LearnOf(map, hasSplit, steps is not null) with { Steps = steps, Split = hasSplit ? new(layers, watts) : null };
    }

    /// <summary>Settings without effect are not shown as defaults.</summary>
    private static LearnConfig LearnOf(ConfigMap map, bool hasSplit, bool hasSteps)
    {
        const string most = "mean uses of a window at most, 1,024 steps in any case; the rate falls in the second half. `steps`: no bound";
        var (rate, momentum) = (SplitKeys.RateOf(map).Or(0.05), SplitKeys.MomentumOf(map).Or(0.9));
        var clip = map["clip", "largest gradient norm"].Number(1e-6, 1e9).Or(2, !hasSplit);
        var batch = (int)SplitKeys.BatchOf(map).Or(16);
        var buffer = (int)map["buffer", "windows kept to learn from"].Whole(1, 1_000_000).Or(128, !hasSplit);
        var adjust = map["adjust_logits", "learns as if classes were equally frequent"].Boolean().Or(true, !hasSplit);
        var perWindow = (int)map["steps_per_window", "steps for each new window"].Whole(1, 1000).Or(1, !hasSplit && !hasSteps);
        var visits = map["max_visits", most].Whole(1, 1_000_000);
        LearnConfig learn = new(rate, momentum, clip, batch, buffer, adjust) { StepsPerWindow = perWindow };
        return hasSplit ? learn : learn with
        {
            MaxVisits = (int?)(hasSteps ? visits.OrNull() : visits.Or(new TrainOptions().MaxVisits!.Value)),
            ShrinkAfter = (int?)map["shrink_after", "mean uses of a window after which the rate falls as their inverse"]
                .Whole(1, 1_000_000).OrNull(),
            Penalty = map["penalty", "of squared weights, for the loss summed over the fleet's windows; 1: usual for `linear`"]
                .Number(0, 1e6).Or(0),
            HoldBack = map["hold_back", "share of each 64 windows that only judges versions; 1: all"].Number(0.01, 1).OrNull(),
        };
    }
}
