using System.Globalization;
using StreamLearn.Fleets;
using StreamLearn.Formats;
using StreamLearn.Nodes;

namespace Contract.Tests;

/// <summary>Every operator of the libraries. One that is missing here fails <see cref="CatalogTests"/>.</summary>
internal static class Catalog
{
    private static readonly SoftmaxRegression Model =
        new([Field.Channel("f0", Unit.One), Field.Channel("f1", Unit.One), Field.Channel("f2", Unit.One)], classes: 3, seed: 1);

    private static readonly Network Parted =
        new(new(3), 3, [new Dense(4), new Relu(), new Dense(4)], [new(0, new Dense(3), 0.5f), new(2, new Dense(3))], seed: 1);

    private static readonly Network Shared = new(new(3), 3, [new Conv1d(4, 1), new Relu(), new Dense(5)], [new(2, new Dense(3))], seed: 1);

    private static readonly SplitTrainOptions Halves =
        new() { BatchRows = 2, ReportEvery = 3, GradientTimeout = TimeSpan.FromMilliseconds(50) };

    private static readonly TransformerToy Decoder = new(blocks: 3, width: 4, heads: 2, context: 12, vocabulary: 7, seed: 1);

    internal static IReadOnlyList<OperatorCase> Operators { get; } =
    [
        new("ForEach`1", "out", (p, s) => s.Collect(s.SensorRows(p), "out"), flow => flow.ForEach("", _ => { })),
        new("Discard`1", "discard source", (p, s) => s.SensorRows(p).Discard("unwanted"), flow => flow.Discard("")),
        new("PassOn`1", "dead-letters", DeadLetters, flow => flow.OnError(ErrorPolicy.Retry(0))),
        new("PerKey`1", "per-key device", (p, s) => s.Collect(s.SensorRows(p).PerKey("device", f => f.Window(8, 4)), "out"),
            flow => flow.PerKey("", f => f), flow => flow.PerKey("device", f => f, maxKeys: 0),
            flow => flow.PerKey("device", f => f, idle: TimeSpan.Zero)),
        new("DropNonFinite", "drop-non-finite", (p, s) => s.Collect(s.SensorRows(p).DropNonFinite(), "out")),
        new("Window", "window", (p, s) => s.Collect(s.SensorRows(p).Window(32, 16), "out"),
            flow => flow.Window(0, 1), flow => flow.Window(8, 0), flow => flow.Window(8, 4, new() { MaxOutputsPerCall = 0 })),
        new("EventTimeWindow", "window-by-time", EventTimeWindows,
            flow => flow.WindowByTime(TimeSpan.Zero), flow => flow.WindowByTime(TimeSpan.FromSeconds(1), TimeSpan.Zero),
            flow => flow.WindowByTime(TimeSpan.FromSeconds(1), options: new() { MaxHeldRows = 0 }),
            flow => flow.SessionWindow(TimeSpan.Zero),
            flow => flow.SessionWindow(TimeSpan.FromSeconds(1), new() { Clock = new() { SpeedUp = 0 } })),
        new("Resample", "resample", Resample, flow => flow.Resample(0.0), flow => flow.Resample(TimeSpan.Zero),
            flow => flow.Resample(1.0, new() { MaxGap = TimeSpan.Zero })),
        new("JoinByTime", "join-as-of", Joins, flow => flow.JoinAsOf(flow, TimeSpan.FromSeconds(-1)),
            flow => flow.JoinNearest(flow, TimeSpan.Zero, new() { MaxHeldRows = 0 }),
            flow => flow.JoinAsOf(flow, TimeSpan.Zero, new() { Idle = TimeSpan.Zero }),
            flow => flow.JoinAsOf(flow, TimeSpan.Zero, new() { Prefix = "" })),
        new("CheckQuality", "check-quality", CheckQuality,
            flow => flow.CheckQuality(new() { Stuck = TimeSpan.Zero }), flow => flow.CheckQuality(new() { Gap = TimeSpan.Zero }),
            flow => flow.CheckQuality(new() { Channels = [new("ax", 1, -1)] })),
        new("MeanDeviation", "mean-deviation", (p, s) => s.Collect(s.SensorRows(p).MeanDeviation(), "out")),
        new("Ahead", "ahead", Ahead, flow => flow.Ahead("ax", TimeSpan.Zero),
            flow => flow.Ahead("ax", Script.Step, new() { MaxHeldRows = 0 })),
        new("TargetOfWindow", "mean-target",
            (p, s) => s.Collect(s.SensorRows(p).Ahead("ax", Script.Step).Window(8, 8).LastLabel().MeanTarget(), "out")),
        new("WindowFeatures", "features", WindowFeatures,
            flow => flow.Features(Feature.None), flow => flow.Features(Feature.Mean, new() { SamplesPerSecond = -1 }),
            flow => flow.Features(Feature.Mean, new() { Bands = [new("", 0, 1)] }),
            flow => flow.ImuFeatures(new() { Acceleration = ["ax"] }), flow => flow.ImuFeatures(new() { SamplesPerSecond = 0 })),
        new("Rocket", "rocket", Rocket, flow => flow.Rocket(null!)),
        new("Standardize", "standardize", (p, s) => s.Collect(s.SensorRows(p).Standardize(new() { WarmUpRows = 20 }), "out"),
            flow => flow.Standardize(new() { WarmUpRows = 1 })),
        new("KeepSample", "keep-sample", (p, s) => s.Collect(s.SensorRows(p).KeepSample(10, emitEvery: 64), "out"),
            flow => flow.KeepSample(0), flow => flow.KeepSample(4, emitEvery: 0)),
        new("StickAxis", "stick ax", (p, s) => s.Collect(s.SensorRows(p).StickAxis("ax", TimeSpan.FromSeconds(1)), "out"),
            flow => flow.StickAxis(""), flow => flow.StickAxis("ax", TimeSpan.FromSeconds(-1))),
        new("ShiftClock", "shift-clock", (p, s) => s.Collect(s.SensorRows(p).ShiftClock(TimeSpan.FromHours(1)), "out"),
            flow => flow.ShiftClock(TimeSpan.MaxValue)),
        new("KeepItems", "keep-novel", KeepItems,
            flow => flow.KeepNovel(0), flow => flow.KeepNovel(0.5, memory: 0), flow => flow.KeepNovelBeyond(-1),
            flow => flow.KeepUncertain(1.5), flow => flow.KeepUncertain(0.5, measure: Uncertainty.Margin),
            flow => flow.KeepBalanced(0.5, maxClasses: 0), flow => flow.KeepBalanced(0.5, itemRows: 0)),
        new("Map`2", "map", (p, s) => s.Collect(s.SensorRows(p).Map("map", Largest), "out"), flow => flow.Map("", (Batch b) => b)),
        new("PooledMap`2", "copy", (p, s) => s.Collect(s.SensorRows(p).Map("copy", Doubled), "out"), flow => flow.Map("", Doubled)),
        new("MapAsync`2", "ask", (p, s) => s.Collect(s.SensorRows(p).MapAsync("ask", AskAsync, 4), "out"),
            flow => flow.MapAsync("", AskAsync, 4), flow => flow.MapAsync("ask", AskAsync, 0)),
        new("Filter`1", "filter", (p, s) => s.Collect(s.SensorRows(p).Filter("filter", b => b.Rows % 2 == 0), "out"),
            flow => flow.Filter("", _ => true)),
        new("Scan`2", "scan", (p, s) => s.Collect(s.SensorRows(p).Scan("scan", "", Longer), "out"), flow => flow.Scan("", "", Longer)),
        new("SavedScan`2", "scan", (p, s) => s.Collect(s.SensorRows(p).Scan("scan", "", Longer, TextCodec.Default), "out"),
            flow => flow.Scan("", "", Longer, TextCodec.Default)),
        new("BetterWithin`1", "better-within", BetterWithin,
            flow => flow.Scan("kept", "", Longer).BetterWithin(flow.Scan("better", "", Longer), TimeSpan.Zero, Number, TextCodec.Default),
            flow => flow.Scan("kept", "", Longer)
                .BetterWithin(flow.Scan("better", "", Longer), TimeSpan.FromSeconds(1), Number, TextCodec.Default, 0)),
        new("DeadlineQueue`2", "deadline-queue", DeadlineQueue,
            flow => flow.DeadlineQueue(Deadlines.Within<Batch>(TimeSpan.Zero), static _ => default),
            flow => flow.DeadlineQueue(Deadlines.OfColumn(""), static _ => default),
            flow => flow.Scan("texts", "", Longer).DeadlineQueue(static (_, came) => came, static _ => default),
            flow => flow.ServeByDeadline("serve", Deadlines.OfColumn("time", TimeSpan.FromSeconds(-1)), static (batch, _) => batch),
            flow => flow.DeadlineQueue(static (_, came) => came, static _ => default, options: new() { CapacityMessages = 0 }),
            flow => flow.DeadlineQueue(static (_, came) => came, static _ => default, options: new() { NewestShare = 0 })),
        new("Redact", "redact", Redact, flow => flow.Redact(carries: PrivacyLabel.DeviceOnly)),
        new("RowQuestions", "to-questions", (p, s) => s.Collect(s.SensorRows(p).ToQuestions(), "out"),
            flow => flow.ToQuestions(""), flow => flow.ToQuestions(maxRows: 0)),
        new("ServeTier", "serve-tier", (p, s) => s.Collect(s.SensorRows(p).ToQuestions().ServeTier(new FirstValueTier()), "out"),
            flow => flow.ToQuestions().ServeTier(new FirstValueTier(), 0)),
        new("Cascade", "cascade", CascadeCase.Wire,
            flow => CascadeCase.Wrong(flow, new() { Threshold = 2 }), flow => CascadeCase.Wrong(flow, new() { TargetShare = -1 }),
            flow => CascadeCase.Wrong(flow, new() { Gain = 0 }), flow => CascadeCase.Wrong(flow, new() { Deadline = TimeSpan.Zero }),
            flow => CascadeCase.Wrong(flow, new() { Budget = (PerMinute: 0, Burst: 1) }),
            flow => CascadeCase.Wrong(flow, new() { MaxWaiting = 0 }),
            flow => CascadeCase.Wrong(flow, new() { MinSimilarity = 0 }), flow => CascadeCase.Wrong(flow, new() { CacheCapacity = -1 })),
        new("Train", "train", Train,
            flow => flow.Train(Model, Models(flow), new() { BatchRows = 0 }),
            flow => flow.Train(Model, Models(flow), new() { StepsPerUpdate = 0 }),
            flow => flow.Train(Model, Models(flow), new() { MaxBatchRows = 0 }),
            flow => flow.Train(Model, Models(flow), new() { Proximal = -1 }),
            flow => flow.Train(Model, Models(flow), new() { Buffer = BufferKind.ClassBalanced, BufferRows = 2 }),
            flow => flow.Train(Model, Models(flow), new() { Draw = (DrawKind)2 }),
            flow => flow.Train(Model, Models(flow), Receipts(flow), new() { Credit = new() { Updates = 0 } }),
            flow => flow.Train(Model, Models(flow), Receipts(flow), new() { Credit = new() { LeaveTimeout = TimeSpan.FromSeconds(-1) } }))
        {
            LongRun = (p, s) => TrainCase.Wire(p, s, Model),
        },
        new("PlaceTraining", "place-training", PlaceTraining,
            flow => flow.PlaceTraining(null!), flow => flow.PlaceTraining(Evaluations(flow), target: 1.1),
            flow => flow.PlaceTraining(Evaluations(flow), meanRows: 0)),
        new("Learn", "learn", Learn,
            flow => flow.Learn(Model, new() { RowsPerStep = 0 }), flow => flow.Learn(Model, new() { Rates = [0] }),
            flow => flow.Learn(Model, new() { ClassWeights = [1] }), flow => flow.Learn(Model, new() { ScaleRows = [1] }),
            flow => flow.Learn(Model, new() { ScaleRows = [] }),
            flow => flow.Learn(Model, new() { Buffer = BufferKind.ClassBalanced, BufferRows = 2 }),
            flow => flow.Learn(Model, new() { Key = "time" }), flow => flow.Learn(Model, new() { Reaction = new(0.5f) }),
            flow => flow.Learn(Model, new() { Drift = DriftRule.Ddm(3, 2) })),
        new("DetectDrift", "detect-drift", DetectDrift, flow => flow.DetectDrift(DriftRule.Adwin(0)),
            flow => flow.DetectDrift(DriftRule.PageHinkley(threshold: 0)), flow => flow.DetectDrift(DriftRule.Ddm(minRows: 0)),
            flow => flow.DetectDrift(DriftRule.Kswin(rows: 500)), flow => flow.DetectDrift(DriftRule.PopulationStability(rows: 99))),
        new("DetectAnomalies", "detect-anomalies", DetectAnomalies, flow => flow.DetectAnomalies(null!),
            flow => flow.DetectAnomalies(new EwmaZScore(0)), flow => flow.DetectAnomalies(new HotellingT2(0)),
            flow => flow.DetectAnomalies(new HalfSpaceTrees(Depth: 16)), flow => flow.DetectAnomalies(new CenterDistance(10, 9)),
            flow => flow.DetectAnomalies(new MatrixProfile(3)), flow => flow.DetectAnomalies(new WindowZScore(1)),
            flow => flow.DetectAnomalies(new ReconstructionError(Parted, Parted.Initial)),
            flow => flow.DetectAnomalies(new EwmaZScore(), new() { LearnRows = 199 }),
            flow => flow.DetectAnomalies(new EwmaZScore(), new() { FalseAlarmRate = 0 }),
            flow => flow.DetectAnomalies(new EwmaZScore(), new() { Threshold = double.NaN }),
            flow => flow.DetectAnomalies(new EwmaZScore(), new() { Smoothing = 0 })),
        new("SendInPieces", "send-in-pieces", (p, s) => s.Collect(s.Source(p, "source", Numbers(6, Piecewise)).SendInPieces(1024), "out"),
            flow => flow.Map("updates", _ => Update(0)).SendInPieces(1023)),
        new("JoinPieces", "join-pieces", (p, s) =>
                s.Collect(s.Source(p, "source", Numbers(12, Piece)).JoinPieces(PiecePlan, 4096, 5000), "out"),
            flow => flow.Map("pieces", _ => Piece(1)).JoinPieces(null!, 4096),
            flow => flow.Map("pieces", _ => Piece(1)).JoinPieces(PiecePlan, 0),
            flow => flow.Map("pieces", _ => Piece(1)).JoinPieces(PiecePlan, 4096, 1)),
        new("ShareMoments", "share-moments", (p, s) => s.Collect(s.FeatureRows(p).ShareMoments("a", everyRows: 7), "out"),
            flow => flow.ShareMoments(""), flow => flow.ShareMoments("a", learnRows: 1),
            flow => flow.ShareMoments("a", everyRows: 0),
            flow => flow.ShareMoments("a", repeatEvery: TimeSpan.Zero))
        {
            LongRun = static (p, s) => s.Collect(s.FeatureRows(p).ShareMoments(
                "a", everyRows: 7, repeatEvery: TimeSpan.FromMilliseconds(33)), "out"),
        },
        new("MergeMoments", "merge-moments", (p, s) => s.Collect(s.Source(p, "source", Numbers(12, Moments)).MergeMoments(), "out"),
            flow => flow.ShareMoments("a").MergeMoments(new() { MaxDevices = 0 }),
            flow => flow.ShareMoments("a").MergeMoments(new() { MinRows = 1 }),
            flow => flow.ShareMoments("a").MergeMoments(new() { MaxDistance = 0 }),
            flow => flow.ShareMoments("a").MergeMoments(new() { After = TimeSpan.FromSeconds(-1) }))
        {
            LongRun = static (p, s) => s.Collect(
                s.Source(p, "source", Numbers(12, Moments)).MergeMoments(new() { After = TimeSpan.FromMilliseconds(33) }), "out"),
        },
        new("Infer", "infer", (p, s) => s.Collect(s.FeatureRows(p).Infer(Model, s.Models(p, Model)), "out"),
            flow => flow.Infer(null!, Models(flow))),
        new("InferExits", "infer", InferExits,
            flow => flow.Infer(Parted, Models(flow), new() { Rule = ExitRule.Never(3) }),
            flow => flow.Infer(Parted, Models(flow), new() { MultiplyAddsPerRow = -1 }),
            flow => flow.Infer(Parted, Models(flow), new() { UnsureBelow = 2 })),
        new("InferAcross", "infer-across", InferAcross,
            flow => flow.InferAcross(Parted, Models(flow), flow.Map("answers", _ => Rest(1)), new() { Cut = 4 }),
            flow => flow.InferAcross(Parted, Models(flow), flow.Map("answers", _ => Rest(1)), new() { MaxInFlight = 0 }),
            flow => flow.InferAcross(Parted, Models(flow), flow.Map("answers", _ => Rest(1)), new() { Within = TimeSpan.Zero }),
            flow => flow.InferAcross(Parted, Models(flow), flow.Map("answers", _ => Rest(1)), new() { MaxLayers = 0 })),
        new("AnswerRest", "answer-rest",
            (p, s) => s.Collect(s.Source(p, "source", Numbers(12, Asked)).AnswerRest(Parted, s.Models(p, Parted)), "out"),
            flow => flow.Map("requests", _ => Asked(1)).AnswerRest(null!, Models(flow))),
        new("Evaluate", "evaluate",
            (p, s) => s.Collect(s.FeatureRows(p).Evaluate(Model, s.Models(p, Model), everyRows: 16), "out"),
            flow => flow.Evaluate(Model, Models(flow), everyRows: 0)),
        new("Prequential", "prequential", Prequential,
            flow => flow.Prequential(1), flow => flow.Prequential(3, new() { EveryRows = 0 }),
            flow => flow.Prequential(3, new() { FadingFactor = 0 }), flow => flow.Prequential(flow, 3, new() { MaxPendingRows = 0 })),
        new("BoundAnswers", "bound", (p, s) => s.Collect(s.AnswerRows(p).Bound(0.6, Scores), "out"),
            flow => flow.Bound(1, Scores), flow => flow.Bound(0.6, null!)),
        new("KeepScore", "score", Score,
            flow => flow.Evaluate(Model, Models(flow)).Score(every: TimeSpan.Zero),
            flow => flow.Evaluate(Model, Models(flow)).Score(newestRows: 0)),
        new("SplitFront", "split-front", SplitFront,
            flow => flow.SplitTrain(Parted, -1, flow.Map("gradients", _ => Gradients(1))),
            flow => flow.SplitTrain(Parted, 1, flow.Map("gradients", _ => Gradients(1)), options: new() { InFlight = 0 })),
        new("SplitMiddle", "split-middle", SplitMiddle,
            flow => flow.Map("batches", _ => Activations(1)).SplitTrain(Parted, 2, 2, flow.Map("g", _ => Gradients(1)))),
        new("SplitTail", "split-tail", SplitTail,
            flow => flow.Map("batches", _ => Activations(1)).SplitTrain(Parted, 4),
            flow => flow.Map("batches", _ => Activations(1)).SplitTrain(Parted, 1, options: new() { BatchRows = 0 })),
        new("SplitSessions", "serve-split", ServeSplit,
            flow => flow.Map("batches", _ => Activations(1)).ServeSplit(Parted, Models(flow), new() { Split = 4 }),
            flow => flow.Map("batches", _ => Activations(1)).ServeSplit(Parted, Models(flow), new() { Split = 1, MaxAtOnce = 0 })),
        new("Generate", "generate", Generate,
            flow => Prompts(flow).Generate(Decoder, "", flow.Map("tokens", _ => Token(1)), flow.Map("ready", _ => Ready(1))),
            flow => Prompts(flow).Generate(Decoder, "contract", flow.Map("tokens", _ => Token(1)), flow.Map("ready", _ => Ready(1)),
                new() { SourceBlocks = 4 }),
            flow => Prompts(flow).Generate(Decoder, "contract", flow.Map("tokens", _ => Token(1)), flow.Map("ready", _ => Ready(1)),
                new() { Stages = ["a", "a"] }),
            flow => Prompts(flow).Generate(Decoder, "contract", flow.Map("tokens", _ => Token(1)), flow.Map("ready", _ => Ready(1)),
                new() { MaxSequences = 33 })),
        new("RunShard", "run-shard", RunShard,
            flow => flow.Map("shards", _ => Shard(1)).RunShard(Decoder, "", flow.Map("plans", _ => Shards(1)))),
        new("JoinedTail", "train-joined", TrainJoined,
            flow => flow.Map("batches", _ => Activations(1)).TrainJoined(Parted, [("contract", 2)])),
        new("InferInParts", "infer-in-parts", InferInParts,
            flow => flow.InferInParts(
                Shared, flow.Map("results", _ => Result(1)), Sharing with { Blocks = [new() { End = 3, Workers = [("left", 1)] }] }),
            flow => flow.InferInParts(Shared, flow.Map("results", _ => Result(1)), Sharing with { Blocks = [] })),
        new("ServeParts", "serve-parts",
            (p, s) => s.Collect(
                s.Source(p, "source", Numbers(12, PartTask)).ServeParts(Shared, s.Models(p, Shared), worker: "left"), "out"),
            flow => flow.Map("tasks", _ => PartTask(1)).ServeParts(Shared, start: Model.Initial)),
        new("WithoutLabels", "without-labels",
            (p, s) => s.Collect(s.Source(p, "source", Numbers(12, Activations)).WithoutLabels(), "out")),
        new("Aggregate", "aggregate", Aggregate, flow => flow.Map("updates", _ => Update(0)).Aggregate(Model, new FedBuff(0)),
            flow => flow.Map("updates", _ => Update(0)).Aggregate(Model, new FedBuff(1), new() { Restore = TimeSpan.Zero })),
        new("KeepSignificant", "keep-significant", KeepSignificant,
            flow => flow.Map("updates", _ => Update(0)).KeepSignificant(Model, Models(flow), options: new() { MaxUnanswered = 0 })),
        new("CodeUpdates", "code-updates", CodeUpdates,
            flow => flow.Map("updates", _ => Update(0)).CodeUpdates(Model, new() { Code = TensorCode.Sign(), MaxUnanswered = 0 })),
        new("ReplicatedModel", "replicate", Replicate,
            flow => flow.Map("own", _ => Update(0)).Replicate(Model, flow.Map("others", _ => Update(1)), new() { Others = 0 }),
            flow => flow.Map("own", _ => Update(0)).ReplicateWithSignals(Model, flow.Map("others", _ => Update(1)),
                flow.Map("signals", _ => Signal(1)), new() { MaxUnheard = 0 }),
            flow => flow.Map("own", _ => Update(0)).Replicate(Model, flow.Map("others", _ => Update(1)), new() { Workers = 0 })),
        new("PlanSplits", "plan-splits", PlanSplits,
            flow => flow.Map("ends", _ => EndOfRound(1))
                .PlanSplits(Costs, flow.Map("links", _ => Estimate(1)), Planned with { MaxDevices = 0 }),
            flow => flow.Map("ends", _ => EndOfRound(1))
                .PlanSplits(Costs, flow.Map("links", _ => Estimate(1)), Planned with { MinChange = -1 })),
        new("ProbeLink", "probe-link", ProbeLink,
            flow => flow.Map("echoes", _ => Echo(1)).ProbeLink(bytes: 100),
            flow => flow.Map("echoes", _ => Echo(1)).ProbeLink(freshness: TimeSpan.Zero),
            flow => flow.Map("echoes", _ => Echo(1)).ProbeLink(timeout: TimeSpan.Zero),
            flow => flow.Map("echoes", _ => Echo(1)).ProbeLink(minTransferBytes: 0)),
        new("EchoProbes", "echo-probes",
            (p, s) => s.Collect(s.Source(p, "source", Numbers(12, i => Echo(i) with { IsEcho = i % 4 == 0 })).EchoProbes(), "out")),
        new("Averaged", "in-use", Aggregate),
        new("Made", "made", Aggregate),
        new("RowSink", "row-sink", RowSink, flow => flow.ToCsv(""), flow => flow.ToCsv("x", new() { Delimiter = '1' }),
            flow => flow.ToJsonLines("x", new() { Columns = [FileColumn.Class("t")] })),
        new("PartRefused", "part-refused", PartRefused),
        new("Take`1", "take", (p, s) => s.Collect(s.SensorRows(p).Take(20), "out"), flow => flow.Take(0)),
        new("EndWithEmpty", "end", (p, s) => s.Collect(s.SensorRows(p).EndWithEmpty(), "out")),
    ];

    private static readonly string Folder = MadeFolder();

    internal static OperatorCase Find(string name) => Operators.First(o => o.Operator == name);

    private static void DeadLetters(PipelineBuilder p, Script s)
    {
        s.Collect(s.SensorRows(p).Map("odd", b => b.Rows % 2 == 0 ? b : throw new InvalidDataException("odd"))
            .OnError(ErrorPolicy.DeadLetter), "out");
        s.Collect(p.DeadLetters.Map("reason", letter =>
        {
            letter.Dispose();
            return letter.Reason;
        }), "dead");
    }

    private static void RowSink(PipelineBuilder p, Script s)
    {
        var rows = s.SensorRows(p);
        rows.ToCsv(Path.Join(Folder, "rows.csv")).Named("row-sink");
        s.Collect(rows, "out");
    }

    private static void PartRefused(PipelineBuilder p, Script s)
    {
        static FileRows Rows(BatchPool pool, int number)
        {
            var refused = Enumerable.Range(0, number % 4)
                .Select(i => new RefusedRow("a.csv", i + 1, "x", FileFault.WrongType, $"{number}"));
            return new(number % 3 == 0 ? null : Batches.OfChannels(pool, [number, number + 1]), [.. refused]);
        }

        var items = Enumerable.Range(0, 12).Select(i => (Func<BatchPool, FileRows>)(pool => Rows(pool, i)));
        var fork = s.Source(p, "source", items).Part("part-refused");
        s.Collect(fork.Main, "out");
        s.Collect(fork.Side.Map("told", row => row.ToString()), "refused");
    }

    private static string MadeFolder()
    {
        var folder = Directory.CreateTempSubdirectory("contract-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return folder.FullName;
    }

    private static void Ahead(PipelineBuilder p, Script s)
    {
        var rows = s.SensorRows(p);
        s.Collect(rows.Ahead("ax", TimeSpan.FromMilliseconds(70)), "out");
        s.Collect(rows.Ahead("label", TimeSpan.FromSeconds(1), new() { MaxHeldRows = 40 }).Named("ahead-label"), "label");
    }

    private static void Resample(PipelineBuilder p, Script s)
    {
        var rows = s.SensorRows(p);
        s.Collect(rows.Resample(77.0), "out");
        var coarse = rows.Resample(TimeSpan.FromMilliseconds(130), new() { Interpolation = Interpolation.Nearest, MaxGap = new(1) });
        s.Collect(coarse.Named("resample-coarse"), "coarse");
        s.Collect(rows.Resample(0.6, new() { MaxGap = TimeSpan.FromDays(1) }).Named("resample-long"), "long");
    }

    private static void Joins(PipelineBuilder p, Script s)
    {
        var (rows, others) = (s.SensorRows(p), s.OtherRows(p));
        s.Collect(rows.JoinAsOf(others, TimeSpan.FromMilliseconds(70), new() { Prefix = "other " }), "out");
        var options = new JoinOptions { Prefix = "other ", KeepUnmatched = true, MaxHeldRows = 60 };
        s.Collect(rows.JoinNearest(others, TimeSpan.FromSeconds(3), options), "nearest");
    }

    private static void KeepItems(PipelineBuilder p, Script s)
    {
        var rows = s.SensorRows(p);
        s.Collect(rows.KeepNovel(0.3), "novel");
        s.Collect(rows.KeepNovelBeyond(0.5f).Named("keep-beyond"), "beyond");
        s.Collect(rows.KeepUncertain(0.3, columns: ["ax", "ay"], measure: Uncertainty.Margin), "uncertain");
        s.Collect(rows.KeepBalanced(0.3), "balanced");
    }

    private static void CheckQuality(PipelineBuilder p, Script s)
    {
        var (good, faulty) = s.SensorRows(p).CheckQuality(new() { Gap = TimeSpan.FromSeconds(2), Channels = [new("ax", -1, 1)] });
        s.Collect(good, "good");
        s.Collect(faulty, "faulty");
    }

    private static void WindowFeatures(PipelineBuilder p, Script s)
    {
        var rows = s.FeatureRows(p);
        s.Collect(rows.Features(Feature.All, new() { Bands = [new("low", 0, 5)], SamplesPerSecond = 50 }), "out");
        var windows = rows.Window(32, 16).Features(Feature.All, new() { SamplesPerSecond = 50 });
        s.Collect(windows.Named("features-of-windows"), "windows");
        s.Collect(rows.ImuFeatures(new() { Acceleration = ["f0", "f1", "f2"], SamplesPerSecond = 50 }), "imu");
    }

    private static void Rocket(PipelineBuilder p, Script s)
    {
        float[] sample = [.. Enumerable.Range(0, 3 * 32).Select(static i => MathF.Sin(i * i))];
        s.Collect(s.FeatureRows(p).Window(32, 16).Rocket(RocketKernels.Fit(sample, channels: 3, rows: 32, seed: 1, features: 168)), "out");
    }

    private static void EventTimeWindows(PipelineBuilder p, Script s)
    {
        var rows = s.SensorRows(p);
        var (windows, aside) = rows.WindowByTime(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500), new() { Lateness = new(10) });
        var (sessions, late) = rows.SessionWindow(TimeSpan.FromSeconds(3));
        s.Collect(windows, "windows");
        s.Collect(aside, "aside");
        s.Collect(sessions, "sessions");
        s.Collect(late, "late");
    }

    /// <summary>
    /// A device as it comes, one with everything that can be asked of it, which learns whether rows come or not, and one with receipts.
    /// </summary>
    private static void Train(PipelineBuilder p, Script s)
    {
        var (rows, models) = (s.FeatureRows(p), s.Models(p, Model));
        var (deltas, evaluations) = rows.Train(Model, models, new() { StepsPerUpdate = 8 });
        var fork = rows.Train(Model, models, new()
        {
            Continuous = true,
            Pace = TrainPace.LockStep,      // it waits after an update: steps take no time here, and would follow each other for ever
            Announce = true,
            Buffer = BufferKind.ClassBalanced,
            Draw = DrawKind.Shuffle,
            AdjustLogits = true,
            Proximal = 0.1f,
        });
        s.Collect(deltas, "deltas");
        s.Collect(evaluations, "evaluations");
        s.Collect(fork.Main.Named("train-continuously"), "continuous");
        s.Collect(fork.Side, "scores");
        var (answered, answeredScores, presences) = rows.Train(
            Model, models, s.Source(p, "receipts", Numbers(12, Receipt)),
            new() { StepsPerUpdate = 64, Credit = new() { Updates = 32, LeaveTimeout = TimeSpan.Zero } });
        s.Collect(answered.Named("train-with-receipts"), "answered");
        s.Collect(answeredScores, "answered-scores");
        s.Collect(presences, "presences");
    }

    /// <summary>Training that is moved by evaluations, and by accuracy that goes up and down.</summary>
    private static void PlaceTraining(PipelineBuilder p, Script s)
    {
        var evaluations = s.Source(p, "evaluations", Numbers(6, static i => new Evaluation
        {
            Device = "",
            ModelVersion = i,
            Rows = 10,
            Correct = i % 3 == 0 ? 2 : 9,
            Loss = 0,
            Confusion = [0],
        }));
        var (edge, cloud) = s.FeatureRows(p).PlaceTraining(evaluations, meanRows: 10);
        s.Collect(edge, "edge");
        s.Collect(cloud, "cloud");
    }

    private static Flow<Evaluation> Evaluations(Flow<Batch> flow) => flow.Evaluate(Model, Models(flow));

    private static void SplitFront(PipelineBuilder p, Script s)
    {
        var (batches, reports) = s.FeatureRows(p).SplitTrain(
            Parted, 1, s.Source(p, "models", Numbers(12, Gradients)), options: Halves with { InFlight = 3 });
        s.Collect(batches, "batches");
        s.Collect(reports, "reports");
    }

    private static void SplitMiddle(PipelineBuilder p, Script s)
    {
        var (batches, gradients) = s.Source(p, "source", Numbers(12, Activations)).SplitTrain(
            Parted, 1, 2, s.Source(p, "models", Numbers(12, i => Gradients(i) with { Split = 2 })), Halves);
        s.Collect(batches, "batches");
        s.Collect(gradients, "gradients");
    }

    private static void SplitTail(PipelineBuilder p, Script s)
    {
        var (gradients, reports) = s.Source(p, "source", Numbers(12, Activations)).SplitTrain(Parted, 1, options: Halves);
        s.Collect(gradients, "gradients");
        s.Collect(reports, "reports");
    }

    private static void ServeSplit(PipelineBuilder p, Script s)
    {
        var joins = Activations(1) with { Rows = 0, Values = [], Labels = [], Round = new() };
        var (gradients, updates, moves) = s.Source(p, "source",
                Numbers(12, i => i == 1 ? joins : Activations(i) with { WeightsVersion = i - 2 }))
            .ServeSplit(Parted, s.Models(p, Parted), new() { Split = 1, Training = Halves });
        s.Collect(gradients, "gradients");
        s.Collect(updates, "updates");
        s.Collect(moves, "moves");
    }

    /// <summary>A stage answers and gives some tokens, is then lost, and the source goes on alone.</summary>
    private static void Generate(PipelineBuilder p, Script s)
    {
        var (tokens, shards, plans) = s.Source(p, "source", Numbers(4, Prompt)).Generate(Decoder, "contract",
            s.Source(p, "answers", Numbers(6, Token)), s.Source(p, "signals", Numbers(2, Ready)), new()
            {
                Stages = ["a"],
                MaxSequences = 2,
                FirstPlan = 1,
                TokenTimeout = TimeSpan.FromMilliseconds(50),
                ReadyTimeout = TimeSpan.FromMilliseconds(60),
            });
        s.Collect(tokens, "tokens-out");
        s.Collect(shards, "shards");
        s.Collect(plans, "plans");
    }

    /// <summary>A block for each rule but the network's; the last rows are beyond those that are learned from.</summary>
    private static void DetectAnomalies(PipelineBuilder p, Script s)
    {
        var rows = s.FeatureRows(p);
        AnomalyRule[] rules =
        [
            new HotellingT2(), new EwmaZScore(20), new WindowZScore(20), new HalfSpaceTrees(3, 4, 40), new CenterDistance(2, 30),
            new MatrixProfile(4, 60),
        ];
        foreach (var (i, rule) in rules.Index())
        {
            var options = new AnomalyOptions { LearnRows = 160, FalseAlarmRate = 0.05, Columns = rule is MatrixProfile ? ["f1"] : [] };
            var name = i == 0 ? "detect-anomalies" : $"detect-anomalies-{i}";
            s.Collect(rows.DetectAnomalies(rule, options).Named(name), $"out{i}");
        }

        var usual = Enumerable.Range(0, 160).Select(static i => MathF.Sin(i)).ToArray();
        foreach (var (i, rule) in rules[..5].Index())
        {
            var options = new AnomalyOptions { LearnRows = 160, FalseAlarmRate = 0.05, Columns = ["f1"], UsualRows = [.. usual] };
            s.Collect(rows.DetectAnomalies(rule, options).Named($"detect-anomalies-usual-{i}"), $"usual{i}");
        }
    }

    /// <summary>The last of three nodes, which a second plan makes the middle one.</summary>
    private static void RunShard(PipelineBuilder p, Script s)
    {
        var plans = s.Source(p, "models", Numbers(12, Shards));
        var (shards, tokens, ready) = s.Source(p, "source", Numbers(12, Shard)).RunShard(Decoder, "a", plans, maxSequences: 2);
        s.Collect(shards, "shards");
        s.Collect(tokens, "tokens");
        s.Collect(ready, "ready");
    }

    private static Flow<Prompt> Prompts(Flow<Batch> flow) => flow.Map("prompts", _ => Prompt(1));

    private static Prompt Prompt(int number) => new() { Sequence = number, Tokens = [number, 2], MaxTokens = 5 };

    private static ShardToken Token(int number) =>
        new() { Source = "contract", Plan = 1, Sequence = 1, Position = 1 + number, Token = number % 7 };

    private static StageReady Ready(int number) => new() { Source = "contract", Node = "a", Plan = number };

    private static GenerationPlan Shards(int number) => new()
    {
        Source = "contract",
        Number = number < 8 ? 1 : 2,
        Stages = number < 8 ? [new(0, 1, "contract"), new(1, 3, "a")] : [new(0, 1, "contract"), new(1, 2, "a"), new(2, 3, "b")],
    };

    private static ShardActivation Shard(int number) => new()
    {
        Source = "contract",
        To = "a",
        Plan = number < 8 ? 1 : 2,
        Sequence = number % 2,
        Position = ((number - 1) % 7) / 2,
        Block = 1,
        Values = [number, 2, 3, -number],
    };

    private static void TrainJoined(PipelineBuilder p, Script s)
    {
        var (gradients, reports) = s.Source(p, "source", Numbers(12, i => Activations(i) with { Values = [1, 2, 3, 4, 5, 6] }))
            .TrainJoined(Parted, [("contract", 3)], Halves);
        s.Collect(gradients, "gradients");
        s.Collect(reports, "reports");
    }

    private static InferPartsOptions Sharing => new()
    {
        Blocks =
        [
            new() { End = 2, Workers = [("right", 1)] },
            new() { First = 2, End = 3, Workers = [("right", 1)], OwnRate = 4, By = PartCut.Channels },
        ],
        Epoch = 0,
        InFlight = 16,
        Deadline = TimeSpan.FromMilliseconds(50),       // after an item of the rows or of the results, nothing else comes
        RetryAfter = TimeSpan.FromMilliseconds(100),    // and not once more after that: what is lost is computed here
    };

    private static void InferInParts(PipelineBuilder p, Script s)
    {
        var (answers, tasks) = s.FeatureRows(p).InferInParts(Shared, s.Source(p, "models", Numbers(12, Result)), Sharing);
        s.Collect(answers, "answers");
        s.Collect(tasks, "tasks");
    }

    private static PartTask PartTask(int number) => new()
    {
        Device = "contract",
        Worker = "left",
        Epoch = 0,
        Sequence = number,
        SchemaHash = Shared.Plan.SchemaHash,
        Version = new(0, number < 4 ? 0 : number),
        First = 0,
        End = 2,
        Lines = new(0, 1),
        Rows = 2,
        Values = [number, 2, 3, 4, 5, -number],
    };

    private static PartResult Result(int number) => new()
    {
        Device = "contract",
        Worker = "right",
        Epoch = 0,
        Sequence = number,
        SchemaHash = Shared.Plan.SchemaHash,
        Version = default,
        Lines = new(0, 1),
        Rows = 1,
        Values = number % 2 == 0 ? [number] : [number, 1, 2, 3],       // of the second block, and of the first
    };

    private static IEnumerable<Func<BatchPool, T>> Numbers<T>(int count, Func<int, T> make) =>
        Enumerable.Range(1, count).Select(i => (Func<BatchPool, T>)(_ => make(i)));

    /// <summary>Of three devices by turns, each of more rows than before.</summary>
    private static DeviceMoments Moments(int number)
    {
        var moments = new RowMoments(2);
        for (var row = 0; row < 100 * number; row++) { moments.Add([row % (7 + (number % 3)), row % 5]); }
        return new($"device-{number % 3}", 0, ["x", "y"], moments);
    }

    private static Activations Activations(int number) => new()
    {
        Device = "contract",
        Epoch = 0,
        Sequence = number,
        Split = 1,
        SchemaHash = Parted.Plan.SchemaHash,
        Rows = 2,
        Values = [number, 2, 3, 4, 5, 6, 7, -number],
        Labels = [number % 3, 0],
    };

    private static BoundaryGradients Gradients(int number) => new()
    {
        Device = "contract",
        Epoch = 0,
        Sequence = number,
        Split = 1,
        SchemaHash = Parted.Plan.SchemaHash,
        Values = [.. Enumerable.Range(0, 4 * Halves.BatchRows).Select(i => (i - number) / 10f)],
        Loss = 1,
    };

    private static void Redact(PipelineBuilder p, Script s)
    {
        Schema labelled = new(
            Field.Time(), Field.Channel("ax", Unit.One) with { Privacy = PrivacyLabel.EdgeOnly },
            new Field("name", ColumnType.Int32, Unit.One, Nullable: true) { Privacy = PrivacyLabel.DeviceOnly },
            new Field(Schema.PrivacyColumn, ColumnType.Int32, Unit.One));
        var rows = s.Source(p, "source", Enumerable.Range(0, 8).Select(i => (Func<BatchPool, Batch>)(pool =>
        {
            var batch = Batches.Random(pool, labelled, 7 * i, seed: i);
            foreach (ref var label in batch[Schema.PrivacyColumn].Writable<int>()) { label = Math.Abs(label % (1 + (i % 3))); }
            return batch;
        })), labelled);
        s.Collect(rows.Redact(), "out");
        s.Collect(rows.Redact(carries: PrivacyLabel.EdgeOnly, blank: true).Named("redact to the edge"), "edge");
    }

    private static void InferExits(PipelineBuilder p, Script s)
    {
        var (answers, unsure) = s.FeatureRows(p).Infer(Parted, s.Models(p, Parted),
            new() { Rule = ExitRule.WhenConfident(2, 0.4f), UnsureBelow = 0.4f, Probabilities = true });
        s.Collect(answers, "answers");
        s.Collect(unsure, "unsure");
    }

    /// <summary>Some of the edge's answers fit, some do not, one is refused. No two things happen at one time.</summary>
    private static void InferAcross(PipelineBuilder p, Script s)
    {
        var (answers, requests) = s.FeatureRows(p).InferAcross(Parted, s.Models(p, Parted), s.Source(p, "signals", Numbers(12, Rest)), new()
        {
            Cut = 1,
            Leaving = ExitRule.WhenConfident(2, 0.4f),
            Within = TimeSpan.FromMilliseconds(35),
            ProbeEvery = TimeSpan.FromSeconds(3),
            MaxInFlight = 2,
            Epoch = 0,
        });
        s.Collect(answers, "answers");
        s.Collect(requests, "requests");
    }

    private static RestAnswer Rest(int number) => new()
    {
        Device = "contract",
        Epoch = 0,
        Sequence = number,
        Refusal = number == 5 ? RestRefusal.Version : RestRefusal.None,
        Values = number % 2 == 0 ? [0.2f, 0.3f, 0.5f] : [],
        SecondsPerMultiplyAdd = 1e-9,
    };

    private static RestRequest Asked(int number) => new(Activations(number) with
    {
        Split = number % 4,
        Rows = number % 3,
        Values = [.. Enumerable.Range(0, number % 3 * (number % 4 == 0 ? 3 : 4)).Select(static i => i * 0.5f)],
        Labels = [],
    }, new(0, number % 4))
    { Padding = number };

    /// <summary>A model that learns by itself, and one that learns again from balanced rows, by weights, and hears of alarms.</summary>
    private static void Learn(PipelineBuilder p, Script s)
    {
        var rows = s.FeatureRows(p);
        var (answers, evaluations, versions) = rows.Learn(Model, new() { EveryRows = 16 });
        s.Collect(answers, "out");
        s.Collect(evaluations, "evaluations");
        s.Collect(versions, "versions");
        var options = new LearnOptions
        {
            Optimizer = new Adam(0.01f),
            Rates = [],
            RowsPerStep = 3,
            StepsPerRow = 2,
            ReplayRows = 2,
            BufferRows = 8,
            Buffer = BufferKind.ClassBalanced,
            ClassWeights = [.. Enumerable.Range(0, Model.Plan.Classes).Select(static c => c)],
            ScaleRows = [20, 5],
            Drift = DriftRule.Ddm(minRows: 4),
            Reaction = new() { Refill = true, ResetHead = true },
        };
        var alarms = s.Source(p, "models", Numbers(6, static number => new DriftAlarm
        {
            Device = "",
            Block = $"{number}",
            Level = number % 2 == 0 ? DriftLevel.Drift : DriftLevel.Warning,
            Row = number,
            Mean = 0,
        }));
        s.Collect(rows.Learn(Model, alarms, options).Answers.Named("learn-again"), "again");
    }

    private static void DetectDrift(PipelineBuilder p, Script s)
    {
        var answers = s.AnswerRows(p);
        s.Collect(answers.DetectDrift(), "adwin");
        s.Collect(answers.DetectDrift(DriftRule.Ddm(minRows: 4)).Named("detect-ddm"), "ddm");
        s.Collect(answers.DetectDrift(DriftRule.PageHinkley(0, 0.1, minRows: 4), "confidence").Named("detect-page-hinkley"),
            "page-hinkley");
    }

    /// <summary>Answers that carry their labels, and answers whose labels come later, of which not all can wait.</summary>
    private static void Prequential(PipelineBuilder p, Script s)
    {
        s.Collect(s.AnswerRows(p).Prequential(3, new() { EveryRows = 4, WindowRows = 90 }), "out");
        var options = new PrequentialOptions { EveryRows = 16, MaxPendingRows = 100, MaxWait = TimeSpan.FromMilliseconds(50) };
        s.Collect(s.Unlabelled(p).Prequential(s.LaterLabels(p), 3, options).Named("prequential-later"), "later");
    }

    private static ConformalScores Scores => ConformalScores.Of(
        [.. Enumerable.Range(0, 60).Select(static i => i / 60f)], [.. Enumerable.Range(0, 60).Select(static i => i % 15)])!;

    /// <summary>Evaluations that come faster than scores may.</summary>
    private static void Score(PipelineBuilder p, Script s) => s.Collect(
        s.FeatureRows(p).Evaluate(Model, s.Models(p, Model), everyRows: 4)
            .Score(TimeSpan.FromMilliseconds(50), newestRows: 10, epoch: 3), "out");

    private static void Aggregate(PipelineBuilder p, Script s)
    {
        var updates = s.Source(p, "source", Enumerable.Range(0, 12).Select(i => (Func<BatchPool, WeightDelta>)(_ => Update(i))));
        var presences = s.Source(p, "presences", Presences());
        var (versions, rounds) = updates.Aggregate(Model, new FedBuff(4)).ControlledBy(presences);
        s.Collect(versions, "versions");
        s.Collect(rounds.Averaged(), "seen");
        var (sent, answeredRounds, receipts) = updates.Aggregate(Model, new FedBuff(4), presences);
        s.Collect(sent.Named("aggregate-with-receipts"), "sent");
        s.Collect(answeredRounds.Made(), "versions-made");
        s.Collect(receipts, "receipts");
        var measured = updates.Map("measured", Measured);
        var (steered, steeredRounds) = measured.Aggregate(Model, new AdaptiveTau(3)).ControlledBy(presences);
        s.Collect(steered.Named("aggregate-by-tau"), "steered");
        s.Collect(steeredRounds.Averaged().Named("in-use-by-tau"), "steered-in-use");
        var (selected, selectedRounds) = updates.Aggregate(Model, new FedAdam(2) { Cohort = Cohort.Utility(2) });
        s.Collect(selected.Named("aggregate-by-selection"), "selected");
        s.Collect(selectedRounds.Averaged().Named("in-use-by-selection"), "selected-in-use");
    }

    private static void KeepSignificant(PipelineBuilder p, Script s)
    {
        var updates = s.Source(p, "source", Numbers(12, i => Update(i) with { Leaving = i == 11 }));
        var receipts = s.Source(p, "receipts", Numbers(6, i => Receipt(i) with { Epoch = 1 }));
        s.Collect(updates.KeepSignificant(Model, s.Models(p, Model), receipts), "out");
    }

    private static void CodeUpdates(PipelineBuilder p, Script s)
    {
        var updates = s.Source(p, "source", Numbers(12, i => Update(i) with { Leaving = i == 11 }));
        var receipts = s.Source(p, "receipts", Numbers(6, i => Receipt(i) with { Epoch = 1 }));
        s.Collect(updates.CodeUpdates(Model, new() { Code = TensorCode.TopK(0.05), Momentum = 0.5f, WarmUp = 5 }, receipts), "out");
        s.Collect(updates.CodeUpdates(Model, new() { Code = TensorCode.Qsgd() }, receipts, "code-at-random"), "at-random");
    }

    private static LayerCosts Costs => LayerCosts.Of(Parted);

    private static PlanSplitsOptions Planned => new()
    {
        Planner = new AresJoint(),
        Server = new("edge") { Times = LayerSeconds(0.001) },
        Objective = new() { BatchRows = 2 },
    };

    private static LayerTimes LayerSeconds(double seconds) => new([seconds, 2 * seconds, 3 * seconds], [seconds, 2 * seconds, 3 * seconds]);

    private static void PlanSplits(PipelineBuilder p, Script s)
    {
        var (plans, reports) = s.Source(p, "source", Numbers(12, EndOfRound))
            .PlanSplits(Costs, s.Source(p, "signals", Numbers(6, Estimate)), Planned);
        s.Collect(plans, "plans");
        s.Collect(reports, "reports");
    }

    private static Activations EndOfRound(int number) => Activations(number) with
    {
        Rows = 0,
        Values = [],
        Labels = [],
        Round = new()
        {
            Batches = number == 1 ? 0 : 4,
            Rows = 8,
            TimePerBatch = TimeSpan.FromMilliseconds(3 * number),
            IsLast = number == 12,
        },
        Resources = number == 1 ? new() { Times = LayerSeconds(0.01), ComputingWatts = 3 } : null,
    };

    private static LinkEstimate Estimate(int number) => new()
    {
        Device = number == 5 ? "nobody" : "contract",
        BitsPerSecond = number % 2 == 0 ? 10 : 1e9,
        At = default,
        Kind = LinkEstimateKind.Probe,
    };

    /// <summary>Echoes of which some are in time, none when a wake-up is due, and transfers between them.</summary>
    private static void ProbeLink(PipelineBuilder p, Script s)
    {
        var echoes = s.Source(p, "source", Numbers(12, Echo));
        var transfers = s.Source(p, "signals", Numbers(6, static i => new LinkTransfer(1000 * i, TimeSpan.FromMilliseconds(i % 3))));
        var (probes, estimates) = echoes.ProbeLink(600, freshness: TimeSpan.FromMilliseconds(10), timeout: TimeSpan.FromMilliseconds(35),
            minTransferBytes: 2000, epoch: 0).ControlledBy(transfers);
        s.Collect(probes, "probes");
        s.Collect(estimates, "estimates");
    }

    private static LinkProbe Echo(int number) => new()
    {
        Device = "contract",
        Epoch = 0,
        Sequence = number == 4 ? 1 : number / 3,        // none comes as its probe is sent: at one time the order is free
        SentAt = default,
        Bytes = 600,
        IsEcho = true,
    };

    private static void Replicate(PipelineBuilder p, Script s)
    {
        var own = s.Source(p, "source", Numbers(12, Update));
        var others = s.Source(p, "others", Numbers(8, i => Update(i) with { Device = "other", BaseVersion = i + 1 }));
        var (versions, updates) = own.Replicate(Model, others, new() { MaxLead = 20 });
        s.Collect(versions, "versions");
        s.Collect(updates, "updates");
        var (ordered, rest) = own.Replicate(Model, others, new() { MaxLead = 2, IsOrdered = true }, "replicate-in-order");
        s.Collect(ordered, "ordered");
        rest.Discard();
        var (forEach, gathered) = own.Replicate(Model, others,
            new() { MaxLead = 20, Workers = 3, Slack = 1, Epoch = 0 }, "replicate-for-three");
        s.Collect(forEach, "for-each");
        s.Collect(gathered, "gathered");
        var (inStep, sums) = own.Replicate(Model, others,
            new() { MaxLead = 3, Workers = 3, IsOrdered = true, Epoch = 0 }, "replicate-in-step");
        s.Collect(inStep, "in-step");
        s.Collect(sums, "sums");
        var signals = s.Source(p, "signals", Numbers(8, Signal));
        p.SaveWith(SiteSignal.Codec);
        var (slow, few, said) = own.ReplicateWithSignals(Model, others, signals,
            new() { MaxLead = 20, Joiners = 1, MaxUnheard = 1 }, "replicate-with-signals");
        s.Collect(slow, "slow");
        s.Collect(few, "few");
        s.Collect(said, "said");
        var (joined, later, asked) = own.ReplicateWithSignals(Model, others, signals,
            new() { Others = 2, Joins = true }, "replicate-later");
        s.Collect(joined, "joined");
        s.Collect(later, "later");
        s.Collect(asked, "asked");
    }

    private static SiteSignal Signal(int number) => new()
    {
        Site = number % 4 == 3 ? "third" : "other",
        Kind = number == 6 ? SiteSignalKind.Snapshot : (SiteSignalKind)(number % 3),
        SchemaHash = Model.Plan.SchemaHash,
        Clock = number + 1,
        Keys = number % 3 == 0 ? [0] : [],
        Clocks = number == 6 ? [new("other", 0, 0, 0)] : [new("contract", 0, number, number)],
        Values = number == 6 ? Update(6).Values : [],
    };

    /// <summary>An update with what its device has measured.</summary>
    private static WeightDelta Measured(WeightDelta update) => update with
    {
        HeldBack = new(8, 0.5f, 0.25f),
        Estimate = new()
        {
            Rows = 16,
            Loss = 1,
            BestLoss = null,
            Curvature = new(1, 1),
            Gradient = update.Values,
        },
    };

    private static Receipt Receipt(int number) => new()
    {
        Device = "contract",
        Epoch = 0,
        Aggregator = "edge",
        Newest = new(0, number % 4),
        Fates = [new(number, (UpdateOutcome)(number % 2))],
    };

    private static IEnumerable<Func<BatchPool, Presence>> Presences() => Enumerable.Range(0, 6).Select(i =>
        (Func<BatchPool, Presence>)(_ => new() { Device = $"device-{i % 3}", Epoch = 1, Kind = (PresenceKind)(i % 2) }));

    private static WeightDelta Update(int index) => new()
    {
        Device = $"device-{index % 3}",
        Epoch = 1,
        Sequence = index + 1,
        BaseVersion = index < 6 ? 0 : 1,
        Samples = 16,
        Steps = 4,
        Loss = 1,
        RoundTime = TimeSpan.FromMilliseconds(5 * index),
        SchemaHash = Model.Plan.SchemaHash,
        Moments = index % 2 == 0 ? new(16, [index, 1, 2], [1, 2, 3]) : null,
        Values = [.. Model.Initial.Values.Select(
            (_, i) => Model.Plan.Slices.Any(s => s.Kind == SliceKind.Trained && i >= s.Offset && i < s.Offset + s.Length)
                ? (i + index) / 100f
                : 0)],
    };

    private static ModelPlan PiecePlan => new(new Shape(3), 2, 700, [("weights", SliceKind.Trained, 700)]);

    private static WeightDelta Piecewise(int number) =>
        Update(number) with
        {
            SchemaHash = PiecePlan.SchemaHash,
            Values = [.. Enumerable.Range(number + 1, 700).Select(static v => v / 100f)],
        };

    /// <summary>Two of each update come, then those of another device, and then its last.</summary>
    private static UpdatePiece Piece(int number)
    {
        var (update, offset) = (Piecewise(((number - 1) / 2) % 2), (((number - 1) % 2) + (2 * ((number - 1) / 4))) * 1024);
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        LearningCodecs.Deltas.Encode(update, bytes);
        offset = Math.Min(offset, 2048);
        return new()
        {
            Device = update.Device,
            Epoch = update.Epoch,
            Sequence = update.Sequence,
            Offset = offset,
            Total = bytes.WrittenCount,
            Checksum = 7,
            Bytes = [.. bytes.WrittenSpan[offset..Math.Min(offset + 1024, bytes.WrittenCount)]],
        };
    }

    private static Flow<Weights> Models(Flow<Batch> flow) => flow.Map("models", batch =>
    {
        batch.Dispose();
        return Model.Initial;
    });

    private static Flow<Receipt> Receipts(Flow<Batch> flow) => flow.Map("receipts", batch =>
    {
        batch.Dispose();
        return Receipt(1);
    });

    private static string Largest(Batch batch)
    {
        var largest = float.NegativeInfinity;
        foreach (var value in batch["ax"].Values<float>()) { largest = MathF.Max(largest, value); }
        batch.Dispose();
        return largest.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async ValueTask<string> AskAsync(Batch batch, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return Largest(batch);
    }

    private static Batch Doubled(Batch batch, BatchPool pool)
    {
        var doubled = pool.Rent(batch.Schema, 2 * batch.Rows);
        doubled.CopyFrom(0, batch, 0, batch.Rows);
        doubled.CopyFrom(batch.Rows, batch, 0, batch.Rows);
        batch.Dispose();
        return doubled;
    }

    private static void BetterWithin(PipelineBuilder p, Script s) => s.Collect(s.Source(p, "source", Numbers(12, static n => $"{n}"))
        .BetterWithin(s.Source(p, "signals", Numbers(6, static n => $"{2 * n}")), TimeSpan.FromSeconds(2), Number, TextCodec.Default, 4),
        "out");

    /// <summary>Batches that come faster than they are served: of those that wait some go first, and some are dropped. Beside them a
    /// control flow, so that the hosts are compared at the same times.</summary>
    private static void DeadlineQueue(PipelineBuilder p, Script s)
    {
        var rows = s.SensorRows(p);
        var options = new DeadlineQueueOptions { CapacityMessages = 2 };
        s.Collect(rows.DeadlineQueue(static (batch, came) => came + TimeSpan.FromMilliseconds(60 + (10 * (batch.Rows % 4))),
            static _ => TimeSpan.FromMilliseconds(45), options: options), "out");
        s.Collect(rows.ServeByDeadline("serve-last", Deadlines.Within<Batch>(TimeSpan.FromSeconds(60)), static (batch, _) => batch,
            options: new() { Order = ServiceOrder.LastIn }), "last");
        s.Collect(s.Source(p, "models", Numbers(3, static n => $"{n}")).BetterWithin(s.Source(p, "signals", Numbers(3, static n => $"{n}")),
            TimeSpan.FromSeconds(2), Number, TextCodec.Default), "texts");
    }

    private static long Number(string message) => long.TryParse(message, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Longer(string state, Batch batch) => $"{state}.{batch.Rows}";
}
