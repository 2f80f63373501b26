namespace Benchmarks;

/// <summary>What the arithmetic of learning costs, in multiply-adds of the network per second; a step counts three times forward; and what exits
/// save of it.</summary>
internal sealed class LearningSuite : Suite
{
    internal override string Name => "learning";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        new("train.har.b16", "G madd/s", new("streamlearn", () => HarSteps.Train(16)),
            new Contender("scalar", () => ScalarHar.Train(16))) { HigherIsBetter = true },
        new("infer.har.b32", "G madd/s", new("streamlearn", () => HarSteps.Infer(32)),
            new Contender("scalar", () => ScalarHar.Infer(32))) { HigherIsBetter = true },
        new("infer.har.b1", "G madd/s", new("streamlearn", () => HarSteps.Infer(1)),
            new Contender("scalar", () => ScalarHar.Infer(1))) { HigherIsBetter = true },
        new("exits.har", "ns/row", new("early", ExitCases.Early), new("whole", ExitCases.Whole), new("first-exit", ExitCases.First)),
    ];
}
