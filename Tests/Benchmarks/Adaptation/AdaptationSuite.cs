namespace Benchmarks;

/// <summary>What controllers and filters cost beside the rounds and copies that they come on top of.</summary>
internal sealed class AdaptationSuite : Suite
{
    internal override string Name => "adaptation";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        .. new[] { 8_000, 1_000_000 }.Select(static n => new Case($"filter.{(n < 1_000_000 ? "8k" : "1M")}", "Gvalues/s",
            new("streamlearn", () => SignificanceRun.Filter(n)), new Contender("limit.memcpy", () => SignificanceRun.Copy(n)))
        {
            HigherIsBetter = true,
        }),
        new("controller", "us/round", new("streamlearn", ControllerRun.Plan), new Contender("limit.round", ControllerRun.Round)),
    ];
}
