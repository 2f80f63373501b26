namespace Benchmarks;

/// <summary>
/// What learning costs: training steps, inference, matrix products and the start of a process, beside other libraries; and, in
/// multiply-adds of one network per second, what its layers and its exits cost.
/// </summary>
internal sealed class LearningSuite : Suite
{
    private const int Repeats = 7;
    private const double TrainSeconds = 0.3;
    private static readonly int[] Batches = [1, 32, 256];
    internal override string Name => "learning";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        .. BenchmarkModels.All.SelectMany(m => Batches.Select(b => Train(m, b))),
        new("train2.d.b32", "steps/s", TwoThreads(), TrainRun.Clocked("one-thread", BenchmarkModels.D, 32, 1))
        {
            HigherIsBetter = true, Repeats = Repeats,
        },
        .. BenchmarkModels.All.Select(Infer),
        new("fma", "GFLOP/s", new("limit", FmaPeak.Case)) { HigherIsBetter = true, Repeats = Repeats },
        Products.Case(256, 256, 256),
        Products.Case(1024, 1024, 1024),
        Products.Case(45, 32, 32 * 124, gradient: true),        // of the first convolution of c at batch 32
        Products.Case(160, 64, 32 * 58, gradient: true),        // of the second
        new("cold.c", "s", new("streamlearn", ColdStart.Ours), ColdStart.Torch()) { Repeats = Repeats },
        Odd("c", BenchmarkModels.OddC, BenchmarkModels.C, 1, 1),
        Odd("c", BenchmarkModels.OddC, BenchmarkModels.C, 7, 8),
        Odd("c", BenchmarkModels.OddC, BenchmarkModels.C, 33, 32),
        Odd("d", BenchmarkModels.OddD, BenchmarkModels.D, 1, 1),
        Odd("d", BenchmarkModels.OddD, BenchmarkModels.D, 7, 8),
        Odd("d", BenchmarkModels.OddD, BenchmarkModels.D, 33, 32),
        new("train.har.b16", "G madd/s", new("streamlearn", () => HarSteps.Train(16)),
            new Contender("scalar", () => ScalarHar.Train(16))) { HigherIsBetter = true },
        new("infer.har.b32", "G madd/s", new("streamlearn", () => HarSteps.Infer(32)),
            new Contender("scalar", () => ScalarHar.Infer(32))) { HigherIsBetter = true },
        new("infer.har.b1", "G madd/s", new("streamlearn", () => HarSteps.Infer(1)),
            new Contender("scalar", () => ScalarHar.Infer(1))) { HigherIsBetter = true },
        new("batch.har", "k rows/s", new("chosen", BatchCases.Chosen), new Contender("best-of-64", BatchCases.Best))
        {
            HigherIsBetter = true, Repeats = Repeats,
        },
        new("learn.row", "ns/row", LearnRun.Contender("learn", new()),
            LearnRun.Contender("one-memory", new() { ScaleRows = [1_000_000] }),
            LearnRun.Contender("one-learner", new() { ScaleRows = [1_000_000], Rates = [0.1f] })),
        new("exits.har", "ns/row", new("early", ExitCases.Early), new("whole", ExitCases.Whole), new("first-exit", ExitCases.First)),
    ];

    internal override bool Check(TextWriter output) => LossCheck.Run(output);

    /// <summary>Rows of a step, rows a second and bytes: <c>Tests/Acceptance.Tests/At09BatchSize.tsv</c>.</summary>
    internal override bool Table(TextWriter output)
    {
        BatchCases.Table(output);
        return true;
    }

    /// <summary>Two threads by the clock; beside it what two threads gain on registers alone.</summary>
    private static Contender TwoThreads()
    {
        var ours = TrainRun.Clocked("two-threads", BenchmarkModels.D, 32, 2);
        return ours with
        {
            Measure = () => ours.Measure!() with
            {
                Details = new Dictionary<string, double> { ["fma_two_threads"] = FmaPeak.TwoThreads() },
            },
        };
    }

    private static IEnumerable<IPeer> PeersOf(BenchmarkModel model) =>
        model.HasConvolutions ? [Peers.Torch] : [Peers.Torch, Peers.Numpy, Peers.Plain, Peers.Tuned];

    private static Case Train(BenchmarkModel model, int batch) => new($"train.{model.Name}.b{batch}", "steps/s",
        TrainRun.Contender(model, batch), [.. PeersOf(model).Select(p => p.Train(model, batch, TrainSeconds))])
    {
        HigherIsBetter = true,
        Repeats = Repeats,
    };

    private static Case Infer(BenchmarkModel model) => new($"infer.{model.Name}", "µs",
        InferRun.Contender(model),
        [.. PeersOf(model).Select(p => p.Infer(model, InferRun.Seconds)), OnnxPeer.Infer(model, InferRun.Seconds)])
    {
        Repeats = Repeats,
    };

    /// <summary>Odd numbers of everything beside even ones, both ours: no shape may be much slower than its neighbors.</summary>
    private static Case Odd(string name, BenchmarkModel odd, BenchmarkModel even, int oddBatch, int evenBatch) => new(
        $"odd.{name}.b{oddBatch}", "GFLOP/s",
        TrainRun.Contender(odd, oddBatch, odd.StepOperations * oddBatch / 1e9),
        TrainRun.Contender(even, evenBatch, even.StepOperations * evenBatch / 1e9) with { Name = "even" })
    {
        HigherIsBetter = true,
        Repeats = Repeats,
    };
}
