using StreamLearn.Arrow;
using StreamLearn.Fleets;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>The pipeline of a device: it checks rows, cuts windows, learns and sends updates.</summary>
/// <remarks>It depends only on its transports: it is the same in simulation, on real threads and over a server.</remarks>
internal static class SensorPipeline
{
    public const string TakesRows = "rows";

    public const string SendsRows = "sensor";

    /// <summary>The blocks between the sensor and the windows.</summary>
    public static ImmutableArray<string> RowBlocks { get; } = ["credit", "end", SendsRows, TakesRows, ChecksRows, "window"];

    private const string ChecksRows = "check-quality";

    /// <summary>Its own name, because the state of "answer" depends on the keys of that section.</summary>
    private const string AnswersOwner = "answer owner";

    private static readonly PublicationOptions WithCheckpoint = new() { WithCheckpoint = true };
    private const int BatchesInside = 64;
    private const int BatchesSent = 8;
    private const int BatchesOverServer = 64;
    private const int AnswersHeld = 4096;

    /// <summary>Returns blocks that other settings would create and a saved state may hold; the device resumes without them. Their pending
    /// updates are resent.</summary>
    public static ImmutableArray<string> BlocksOfOtherSettings(SensorOptions sensor, Pipeline pipeline)
    {
        var (topics, name) = (sensor.Topics, sensor.Name);
        string[] all = ["share-moments", $"publish {topics.MomentsOf(name)}", "send-in-pieces", $"publish {topics.PiecesOf(name)}",
            $"publish {topics.DeltasOf(name)}", AnswersOwner, "news", $"publish {topics.NewsOf(name)}"];
        return [.. all.Where(b => !pipeline.Has(b))];
    }

    /// <summary>Returns the number of rows measured by the sensor of a device without a transport for rows.</summary>
    public static long RowsMeasured(RunMetrics device) => device[ChecksRows].RowsIn
        + device.Edges.Where(static e => e.Name.EndsWith($"→{ChecksRows}", StringComparison.Ordinal)).Sum(static e => e.QueuedRows);

    public static Pipeline Create(SensorOptions sensor, EdgeLink link) => Pipeline.Define(sensor.Name, p =>
    {
        var topics = sensor.Topics;
        var (good, faulty) = Rows(p, sensor, link).CheckQuality(sensor.Quality);
        faulty.Discard();
        var unusual = sensor.Anomalies is { } anomalies ? Watch(good, sensor.Name, anomalies) : null;
        if (sensor.Anomalies is { Compares: true } compared) { FleetComparison.Share(good, sensor, compared.Options, link); }
        if (!sensor.Learns)
        {
            var alerts = unusual ?? throw new ArgumentException("expected a sensor that learns or watches", nameof(sensor));
            if (sensor.OnRowsEnded is { } over) { AtEnd<AnomalyAlert>.Call(alerts, over); }
            return;
        }

        var models = p.Subscribe(link.Control, topics.ModelsOf(sensor.Name), LearningCodecs.Weights);
        var cut = sensor.Windows(good);
        var (windows, scores) = Labelled(p, sensor, link, models, cut);
        if (sensor.Answering is { } answering)
        {
            var (answers, alerts) = Answer(p, cut, sensor.Labels is null ? null : windows, models, sensor, answering, link);
            if (sensor.News is { } news)
            {
                answers.News(news, cut, alerts, unusual)
                    .Buffer(1, OnFull.KeepLatest)        // a lost link does not delay answers
                    .Publish(link.Control, topics.NewsOf(sensor.Name), DeviceNews.Json);
            }
        }

        if (sensor.Split is { } split)
        {
            if (sensor is { Answering: null, Labels: null }) { models.Discard(); }
            if (sensor.Check is { } splitCheck)
            {
                var answers = p.Subscribe(link.Control, topics.ReceiptsOf(sensor.Name), LearningCodecs.Receipts);
                CompareModels.OfDevice(answers, answers, splitCheck, topics, link.Control);
            }

            SensorSplit.Train(p, sensor, split, link, windows, scores);
            return;
        }

        Learn(p, sensor, link, models, windows, scores);
    });

    private static void Learn(
        PipelineBuilder p, SensorOptions sensor, EdgeLink link, Flow<Weights> models, Flow<Batch> windows, Flow<Evaluation>? scores)
    {
        var topics = sensor.Topics;
        var receipts = p.Subscribe(link.Control, topics.ReceiptsOf(sensor.Name), LearningCodecs.Receipts);
        var (deltas, evaluations, presences) = windows.Train(sensor.Model, models, receipts,
            sensor.Code is null ? sensor.Training : sensor.Training with { SparesMoments = true });
        if (sensor.Check is { } check) { CompareModels.OfDevice(presences, receipts, check, topics, link.Control); }
        link.HeardBy(p, deltas);
        var updates = sensor.Significant is { } kept ? deltas.KeepSignificant(sensor.Model, models, receipts, kept) : deltas;
        if (sensor.Code is { } code) { updates = updates.CodeUpdates(sensor.Model, code, receipts); }
        if (sensor.PieceBytes is { } bytes)
        {
            updates.SendInPieces(bytes).Publish(link.Data, topics.PiecesOf(sensor.Name), UpdatePiece.Codec);
        }
        else { updates.Publish(link.Data, topics.DeltasOf(sensor.Name), sensor.Deltas); }

        if (sensor.Ledger is { } ledger)
        {
            updates.Map("made", LedgerText.Made).Publish(ledger, topics.LedgerOf(sensor.Name), LedgerText.Codec, WithCheckpoint);
        }

        Watch(evaluations, scores, sensor, link);
        if (sensor.OnRowsEnded is { } ended) { AtEnd<Evaluation>.Call(evaluations, ended); }

        if (sensor.HeartbeatEvery is { } every)
        {
            presences = presences.Merge(p.Heartbeat(null, every, sensor.Training.Epoch, sensor.Capabilities));
        }

        presences.Publish(link.Control, topics.PresencesOf(sensor.Name), LearningCodecs.Presences);
        Offered.Of(presences).Publish(link.Control, topics.OffersOf(sensor.Name), LearningCodecs.Offers);
    }

    internal static void Watch(Flow<Evaluation> evaluations, Flow<Evaluation>? scores, SensorOptions sensor, EdgeLink link)
    {
        var answered = scores ?? evaluations;
        answered.ForEach("watch", sensor.OnEvaluation);
        if (scores is not null) { evaluations.Discard(); }
        if (sensor.ScoreEvery is not { } pause) { return; }
        answered.Score(pause, epoch: sensor.Training.Epoch, heldUp: sensor.HeldUp)
            .Buffer(1, OnFull.KeepLatest)        // a lost link does not delay learning
            .Publish(link.Control, sensor.Topics.ScoresOf(sensor.Name), LearningCodecs.Scores);
    }

    /// <summary>An alert is sent once a checkpoint includes it.</summary>
    private static Flow<AnomalyAlert> Watch(Flow<Batch> rows, string device, AnomalyWatch watch)
    {
        var alerts = rows.DetectAnomalies(watch.Rule, watch.Options with { NamesChannel = true }).Episodes(device, watch);
        if (watch.Target is { } target) { alerts.Publish(target.Transport, target.Of(device), AnomalyAlert.Json, WithCheckpoint); }
        else { alerts.Discard(); }
        return alerts;
    }

    /// <summary>An alert is sent once a checkpoint includes it; after a kill it is repeated under the same identity.</summary>
    private static (Flow<WindowAnswer> Answers, List<Flow<Alert>> Alerts) Answer(
        PipelineBuilder p, Flow<Batch> windows, Flow<Batch>? labelled, Flow<Weights> models, SensorOptions sensor, AnswerOptions options,
        EdgeLink link)
    {
        var answers = sensor.Across is { } across ? SensorAcross.Answer(p, windows, models, sensor, options, across, link)
            : sensor.Parts is { } parts ? SensorParts.Answer(p, windows, models, sensor, options, parts, link)
            : options.Adaptive is { } adaptive
                ? AdaptiveAnswers.Answer(windows, sensor.Name, (Network)sensor.Model, models, options, adaptive)
            : windows.Answer(sensor.Name, (Network)sensor.Model, models, options, labelled);
        if (options is { Answers: null, Alerts.IsEmpty: true }) { answers = answers.Named(AnswersOwner); }
        HashSet<Topic> used = sensor.Anomalies?.Target is { } anomalies ? [anomalies.Of(sensor.Name)] : [];
        if (options.Answers is { } target)
        {
            // a lost server does not delay learning
            NameIfShared(answers.Buffer(AnswersHeld, OnFull.DropOldest)
                .Publish(target.Transport, target.Of(sensor.Name), WindowAnswer.Json), target, "publish answers");
        }

        List<Flow<Alert>> alerts = [.. options.Alerts.Select((rule, number) => answers.Alert(rule, number + 1))];
        foreach (var (number, rule) in options.Alerts.Index())
        {
            NameIfShared(alerts[number]
                .Publish(rule.Target.Transport, rule.Target.Of(sensor.Name), Alert.Json, WithCheckpoint), rule.Target,
                FormattableString.Invariant($"publish alert {number + 1}"));
        }

        if (options.Answers is null && options.Alerts.IsEmpty && sensor.News is null) { answers.Discard(); }
        return (answers, alerts);

        // a publishing block is named after its topic, which keeps its state, so only one of several blocks that share a topic can have
        // this name
        void NameIfShared(Sink published, AnswerTarget to, string name)
        {
            if (!used.Add(to.Of(sensor.Name))) { published.Named(name); }
        }
    }

    /// <summary>Scores are null unless labels come later.</summary>
    private static (Flow<Batch> Windows, Flow<Evaluation>? Scores) Labelled(
        PipelineBuilder p, SensorOptions sensor, EdgeLink link, Flow<Weights> models, Flow<Batch> windows)
    {
        if (sensor.Labels is not { } later) { return (windows, null); }
        var labels = p.Subscribe(link.Control, sensor.Topics.Labels, LabelSpan.Codec, new() { TakesPlain = true });
        var (labelled, scores) = windows.HoldForLabels(sensor.Model, models, labels, later);
        return (labelled, scores);
    }

    private static Flow<Batch> Rows(PipelineBuilder p, SensorOptions sensor, EdgeLink link)
    {
        if (link.Rows is null) { return sensor.Measure(p).Buffer(BatchesInside); }
        var topic = sensor.Topics.RowsOf(sensor.Name);
        var rows = p.Subscribe(link.Rows, topic, ArrowCodec.Batches,
            new() { Capacity = BatchesOverServer, EndsOnEmpty = true }, sensor.Columns).Named(TakesRows);
        sensor.Measure(p).Buffer(BatchesSent).WithCredit(rows.CountTaken()).EndWithEmpty()
            .Publish(link.Rows, topic, ArrowCodec.Batches).Named(SendsRows);
        return rows;
    }
}
