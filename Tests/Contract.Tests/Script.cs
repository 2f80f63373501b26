using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using StreamLearn.Fleets;
using StreamLearn.Nodes;

namespace Contract.Tests;

/// <summary>What a case's batches look like.</summary>
public enum Rows
{
    Ordinary,
    Empty,
    OneRow,
}

/// <summary>Feeds one case and collects what comes out as fingerprints of every bit.</summary>
internal sealed class Script(Rows rows)
{
    internal static readonly Schema Sensor = new(
        Field.Time(), Field.Channel("ax", Unit.StandardGravity), Field.Channel("ay", Unit.StandardGravity),
        new Field("device", ColumnType.Int32, Unit.One), Field.Label());

    internal static readonly Schema Features =
        new(Field.Channel("f0", Unit.One), Field.Channel("f1", Unit.One), Field.Channel("f2", Unit.One), Field.Label());

    internal static readonly Schema Answers = new(
        Field.Time(), new Field("class", ColumnType.Int32, Unit.One), Field.Channel("confidence", Unit.One),
        Field.Channel("probability0", Unit.One), Field.Channel("probability1", Unit.One), Field.Channel("probability2", Unit.One),
        new Field("label", ColumnType.Int32, Unit.One, Nullable: true));

    internal static readonly Schema Labels = new(Field.Time(), Field.Label());

    /// <summary>Between the items of two sources of a case, so that no two come at the same time.</summary>
    internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private ConcurrentQueue<string> _seen = new();
    private int _sources;
    private int _made;

    internal IReadOnlyCollection<string> Seen => _seen;

    /// <summary>Called before the n-th item is made, counted over all sources; may cancel or throw.</summary>
    internal Action<int>? BeforeItem { get; init; }

    /// <summary>True: the run is stopped and goes on, and what came after the checkpoint comes again.</summary>
    internal bool Restarts { get; init; }

    /// <summary>Called before the n-th output is seen; may throw.</summary>
    internal Action<int>? BeforeOutput { get; init; }

    internal Flow<Batch> SensorRows(PipelineBuilder p) =>
        Source(p, "source", Sizes().Select((size, index) => SensorBatch(size, index)), Sensor);

    /// <summary>Rows of a second sensor, at the same times but for 8 ms.</summary>
    internal Flow<Batch> OtherRows(PipelineBuilder p) => Source(p, "others", Sizes().Select((size, index) =>
        (Func<BatchPool, Batch>)(pool =>
        {
            var batch = SensorBatch(size, index)(pool);
            foreach (ref var time in batch["time"].Writable<long>()) { time += 8_000_000; }
            return batch;
        })), Sensor);

    internal Flow<Batch> FeatureRows(PipelineBuilder p, Action<Batch>? spoil = null) =>
        Source(p, "source", Sizes().Select((size, index) => FeatureBatch(size, index, spoil)), Features);

    internal Flow<Batch> AnswerRows(PipelineBuilder p) =>
        Source(p, "source", Sizes().Select((size, index) => AnswerBatch(size, index, labelled: true)), Answers);

    internal Flow<Batch> Unlabelled(PipelineBuilder p) => Source(
        p, "answers", Sizes().Select((size, index) => AnswerBatch(size, index, labelled: false)), Answers);

    /// <summary>Labels of most of these answers: the last rows first, and some before their answers have come.</summary>
    internal Flow<Batch> LaterLabels(PipelineBuilder p) =>
        Source(p, "labels", Sizes().Select((size, index) => LabelBatch(size, index)), Labels);

    internal Flow<Weights> Models(PipelineBuilder p, IModel model) =>
        Source(p, "models", Enumerable.Range(1, 3).Select(v => (Func<BatchPool, Weights>)(_ => model.Initial with { Version = v })));

    internal Flow<T> Source<T>(PipelineBuilder p, string name, IEnumerable<Func<BatchPool, T>> items, Schema? schema = null)
        where T : class
    {
        IReadOnlyList<Func<BatchPool, T>> list = [.. items.Select(Watched)];
        var first = _sources++ * Step;
        return p.From(name, new ListOptions(list.Count),
            (ListOptions _, OperatorContext context) => new ListSource<T>(list, first, context), schema);
    }

    internal void Collect<T>(Flow<T> flow, string name)
        where T : class
    {
        if (Restarts)
        {
            flow.To(name, new CollectOptions(), (CollectOptions _, OperatorContext _) => new Collected<T>(name, this));
            return;
        }

        flow.ForEach(name, item => See(name, item));
    }

    internal void See(string name, object item)
    {
        BeforeOutput?.Invoke(_seen.Count);
        _seen.Enqueue($"{name} {Fingerprint(item)}");
    }

    internal void Forget(string name, int after)
    {
        var count = 0;
        _seen = new(_seen.Where(s => s.Split(' ')[0] != name || count++ < after));
    }

    private static string Fingerprint(object item) => item switch
    {
        Batch batch => Batches.Hash(batch).ToString("x16", CultureInfo.InvariantCulture),
        Weights weights => Bytes(LearningCodecs.Weights, weights),
        WeightDelta delta => Bytes(LearningCodecs.Deltas, delta),
        Evaluation evaluation => string.Create(CultureInfo.InvariantCulture,
            $"{evaluation.Rows} {evaluation.Correct} {evaluation.Loss:R} {evaluation.RolledBack} {string.Join(',', evaluation.Confusion)}"),
        PrequentialScore score => string.Create(CultureInfo.InvariantCulture,
            $"{string.Join(',', score.Landmark.Counts)} {string.Join(',', score.Window.Counts)} {score.FadingAccuracy:R} ")
            + string.Create(CultureInfo.InvariantCulture, $"{score.NoChangeAccuracy:R} {score.LogLoss:R} {score.WindowLogLoss:R} ")
            + string.Create(CultureInfo.InvariantCulture, $"{score.Brier:R} {string.Join(',', score.Reliability.Bins)}"),
        DriftAlarm alarm => string.Create(
            CultureInfo.InvariantCulture, $"{alarm.Level} {alarm.Row} {alarm.TimeNanoseconds} {alarm.Mean:R}"),
        Presence presence => Bytes(LearningCodecs.Presences, presence),
        DeviceMoments moments => Bytes(DeviceMoments.Codec, moments),
        FleetMoments moments => Bytes(FleetMoments.Codec, moments),
        DeviceScore score => Bytes(LearningCodecs.Scores, score),
        UpdatePiece piece => Bytes(UpdatePiece.Codec, piece),
        Receipt receipt => Bytes(LearningCodecs.Receipts, receipt),
        CascadeQuestion question => Bytes(NodesCodecs.CascadeQuestions, question),
        CascadeAnswer answer => Bytes(NodesCodecs.CascadeAnswers, answer),
        CascadeLesson lesson => $"{Fingerprint(lesson.Question)} {Fingerprint(lesson.Answer)}",
        SplitPlan plan => Bytes(LearningCodecs.SplitPlans, plan),
        PlannedSplits planned => $"{planned} {planned.Changes} {string.Join(", ", planned.Devices)}",
        LinkProbe probe => $"{probe}",
        LinkEstimate estimate => $"{estimate} {estimate.BitsPerSecond:R}",
        SiteSignal signal => Bytes(SiteSignal.Codec, signal),
        RestRequest request => Bytes(NodesCodecs.RestRequests, request),
        RestAnswer answer => Bytes(NodesCodecs.RestAnswers, answer),
        Activations activations => Bytes(LearningCodecs.Activations, activations),
        PartTask task => Bytes(NodesCodecs.PartTasks, task),
        PartResult result => Bytes(NodesCodecs.PartResults, result),
        BoundaryGradients gradients => Bytes(LearningCodecs.BoundaryGradients, gradients),
        ShardActivation shard => Bytes(NodesCodecs.ShardActivations, shard),
        ShardToken token => Bytes(NodesCodecs.ShardTokens, token),
        GenerationPlan plan => Bytes(NodesCodecs.GenerationPlans, plan),
        StageReady ready => Bytes(NodesCodecs.StagesReady, ready),
        GeneratedToken token => $"{token}",
        SplitReport report => string.Create(CultureInfo.InvariantCulture,
            $"{report} {report.Loss:R} {report.RolledBack} {Bytes(LearningCodecs.Weights, report.Weights)} ")
            + (report.Evaluation is { } evaluation ? Fingerprint(evaluation) : ""),
        string text => text,
        _ => throw new NotSupportedException(item.GetType().Name),
    };

    private static string Bytes<T>(ICodec<T> codec, T value)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(value, buffer);
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(buffer.WrittenSpan));
    }

    private static Func<BatchPool, Batch> SensorBatch(int size, int index) => pool =>
    {
        var batch = Batches.Random(pool, Sensor, size, seed: index);
        for (var row = 0; row < size; row++)
        {
            batch["time"].Writable<long>()[row] = ((index * 1000L) + row) * 20_000_000;
            batch["device"].Writable<int>()[row] = (row + index) % 3;
            batch["label"].Writable<int>()[row] = index % 3;
        }

        return batch;
    };

    private static Func<BatchPool, Batch> FeatureBatch(int size, int index, Action<Batch>? spoil) => pool =>
    {
        var batch = Batches.Random(pool, Features, size, seed: index);
        for (var row = 0; row < size; row++) { batch["label"].Writable<int>()[row] = (row + index) % 3; }
        spoil?.Invoke(batch);
        return batch;
    };

    private static Func<BatchPool, Batch> AnswerBatch(int size, int index, bool labelled) => pool =>
    {
        var batch = pool.Rent(Answers, size);
        if (!labelled) { batch["label"].WritableValidity.Clear(); }
        for (var row = 0; row < size; row++)
        {
            batch["time"].Writable<long>()[row] = Key(index, row);
            batch["class"].Writable<int>()[row] = (row * index) % 3;
            batch["confidence"].Writable<float>()[row] = 1f / (1 + (row % 7));
            for (var c = 0; c < 3; c++) { batch[$"probability{c}"].Writable<float>()[row] = (1 + ((row + c) % 3)) / 6f; }
            batch["label"].Writable<int>()[row] = row / 2 % 3;
        }

        return batch;
    };

    private static Func<BatchPool, Batch> LabelBatch(int size, int index) => pool =>
    {
        var batch = pool.Rent(Labels, size);
        for (var i = 0; i < size; i++)
        {
            var row = size - 1 - i;
            batch["time"].Writable<long>()[i] = row % 5 == 0 ? Key(index + 2, row) : Key(index, row);
            batch["label"].Writable<int>()[i] = row % 3;
        }

        return batch;
    };

    private static long Key(int index, int row) => (index * 1000L) + row;

    private int[] Sizes() => rows switch
    {
        Rows.Empty => [0, 0],
        Rows.OneRow => [1, 1, 1],
        _ => [50, 7, 128, 1, 0, 64, 200, 3],
    };

    private Func<BatchPool, T> Watched<T>(Func<BatchPool, T> make) => pool =>
    {
        BeforeItem?.Invoke(Interlocked.Increment(ref _made) - 1);
        return make(pool);
    };
}

internal sealed record CollectOptions;
