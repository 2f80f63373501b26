using System.Collections.Immutable;
using StreamLearn.Samples;

namespace Sensor;

internal abstract record StepConfig;

internal sealed record WindowConfig(int Samples, int Hop) : StepConfig;

internal sealed record CheckConfig(TimeSpan Stuck) : StepConfig;

internal sealed record LearnConfig(double Rate, double Momentum, double ClipNorm, int Batch, int Buffer, bool AdjustLogits) : StepConfig
{
    internal int StepsPerWindow { get; init; } = 1;

    /// <summary>The split; null: all layers stay on the device and learn from a buffer.</summary>
    internal SplitConfig? Split { get; init; }

    /// <summary>Total steps of a device; null: <see cref="StepsPerWindow"/> each.</summary>
    internal int? Steps { get; init; }

    /// <summary>Maximum mean visits of a window; null: unlimited.</summary>
    internal int? MaxVisits { get; init; }

    /// <summary>Validation share of the windows; null: none.</summary>
    internal double? HoldBack { get; init; }
}

internal sealed record SplitConfig(int? Layers, ImmutableArray<double> Watts);

internal sealed record SensorConfig(
    LinkConfig Link, SourceConfig Source, CheckConfig Check, WindowConfig Window, LearnConfig Learn, ExchangeConfig Exchange)
{
    private const double UsualTolerance = 0.1;
    private const double ArrivalTolerance = 0.5;        // messages arrive in bursts

    /// <summary>The columns, for own data only.</summary>
    internal ColumnsConfig Columns { get; init; } = new([], null, null);

    /// <summary>Minimum save interval; null: as soon as something waits for it.</summary>
    internal TimeSpan? SaveEvery { get; init; }

    /// <summary>Null: runs are not recorded.</summary>
    internal RecordConfig? Record { get; init; }

    internal ModelConfig Model { get; init; } = ModelConfig.Default;

    internal AnswersConfig? Answers { get; init; }

    /// <summary>Anomaly detection; null: none.</summary>
    internal AnomaliesConfig? Anomalies { get; init; }

    /// <summary>True if devices learn; false: they only detect anomalies.</summary>
    internal bool Learns { get; init; } = true;

    internal static SensorConfig Read(ConfigMap map) => Read(map, learns: true);

    /// <summary>Reads a configuration to show rows, which may be unlabeled.</summary>
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
        var steps = map["pipeline"].List(e => e.OneOf<StepConfig>(
            ("check", m => CheckOf(m, source)), ("window", WindowOf), ("learn", m => LearnOf(m, source))).Required(),
            onlyWatches ? 1 : 3, onlyWatches ? 1 : 3).Required();
        ModelConfig? needed = null;
        if (onlyWatches)
        {
            foreach (var key in new[] { "model", "exchange", "answer", "alerts" })
            {
                if (!map[key].IsAbsent) { map[key].Refuse("expected none: without a column with label or target nothing is learned"); }
            }

            if (steps is [not CheckConfig])
            {
                map["pipeline"].Refuse("expected only 'check': without a label or target nothing is "
                + "learned");
            }
        }

        if (steps is [CheckConfig check, WindowConfig window, LearnConfig learn]) { needed = Needed(source, columns, window); }
        else
        {
            if (steps.Length == 3) { map["pipeline"].Refuse("expected check, window and learn, in this order"); }
            (check, window, learn) = (steps is [CheckConfig only] ? only : new(default), new(128, 64), new(0, 0, 1, 1, 1, true));
        }

        var exchange = map.Section("exchange", ExchangeConfig.Read);
        var model = learns || needed is not null ? ModelConfig.Read(map, needed, RecordedModel.Usual) : Unread(map);
        if (!source.HasColumns && !model.Labels.SequenceEqual(RecordedModel.Usual.Labels))
        {
            map["model"].Refuse($"expected the classes in the order of the recordings, {string.Join(", ", RecordedModel.Usual.Labels)}");
        }

        var answers = AnswersConfig.Read(map, model);
        if (steps.Length == 3 && learn.Buffer < model.Classes)
        {
            map["pipeline"].Refuse(FormattableString.Invariant(
                $"expected a buffer of learn of at least {model.Classes} windows, one for each class, got {learn.Buffer}"));
        }

        if (learn.Split is { } split && steps.Length == 3)
        {
            SplitKeys.Check(map, split.Layers, model, exchange.Code is not null ? "code"
                : exchange.Significance is not null ? "significance" : exchange.PieceBytes is not null ? "piece" : null);
            if (model.Target is not null) { map["pipeline"].Refuse("expected no split with a target: a split learns classes"); }
        }

        return new(link, source, check, window, learn, exchange)
        {
            Columns = columns?.InOrderOf(model) ?? new([], null, null),
            SaveEvery = map["save_every"].Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)).OrNull(),
            Record = RecordOf(map, source, learn),
            Model = model,
            Answers = answers,
            Anomalies = anomalies,
            Learns = !onlyWatches,
        };
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

    private static ModelConfig Unread(ConfigMap map) => map.Section("model", static m =>
    {
        foreach (var key in m.Keys) { _ = m[key]; }
        return ModelConfig.Default;
    });

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

        if (source is not CsvConfig && columns.Time is { Format: { } format })
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
        new(map["stuck"].Duration(TimeSpan.FromMilliseconds(100), StuckTime.Longest).Or(StuckTime.Of(source)));

    private static WindowConfig WindowOf(ConfigMap map)
    {
        var (samples, hop) = ModelConfig.Window(map);
        return new(samples, hop);
    }

    private static LearnConfig LearnOf(ConfigMap map, SourceConfig source)
    {
        var steps = (int?)map["steps"].Whole(1, 1_000_000).OrNull();
        if (steps is not null && !source.Ends)
        {
            map["steps"].Refuse("expected a source whose rows end; for others use "
            + "steps_per_window");
        }
        if (steps is not null && !map["steps_per_window"].IsAbsent) { map["steps"].Refuse("expected steps or steps_per_window, not both"); }
        var hasSplit = SplitKeys.Read(map, out var layers, out var watts);
        return LearnOf(map, hasSplit, steps is not null) with { Steps = steps, Split = hasSplit ? new(layers, watts) : null };
    }

    /// <summary>Settings without effect are not shown as defaults.</summary>
    private static LearnConfig LearnOf(ConfigMap map, bool hasSplit, bool hasSteps)
    {
        var (rate, momentum) = (map["rate"].Number(1e-9, 100).Or(0.05), map["momentum"].Number(0, 0.9999).Or(0.9));
        var (clip, batch) = (map["clip"].Number(1e-6, 1e9), (int)map["batch"].Whole(1, 4096).Or(16));
        var (buffer, adjust) = (map["buffer"].Whole(1, 1_000_000), map["adjust_logits"].Boolean());
        var (windows, visits) = (map["steps_per_window"].Whole(1, 1000), map["max_visits"].Whole(1, 1_000_000));
        return hasSplit
            ? new(rate, momentum, clip.OrNull() ?? 2, batch, (int)(buffer.OrNull() ?? 128), adjust.OrNull() ?? true)
            : new(rate, momentum, clip.Or(2), batch, (int)buffer.Or(128), adjust.Or(true))
            {
                StepsPerWindow = (int)(hasSteps ? windows.OrNull() ?? 1 : windows.Or(1)),
                MaxVisits = (int?)(hasSteps ? visits.OrNull() : visits.Or(new TrainOptions().MaxVisits!.Value)),
                HoldBack = map["hold_back"].Number(0.01, 1).OrNull(),
            };
    }
}
