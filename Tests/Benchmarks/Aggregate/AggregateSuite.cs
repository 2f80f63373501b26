namespace Benchmarks;

/// <summary>What an aggregator's rounds cost.</summary>
internal sealed class AggregateSuite : Suite
{
    internal override string Name => "aggregate";

    internal override IReadOnlyList<Case> Cases { get; } = [.. new[] { 20, 200, 2000 }.Select(Credit)];

    /// <summary>A round whose updates are answered, beside one whose are not, and beside the receipts alone.</summary>
    private static Case Credit(int devices) => new($"credit.{devices}", "ns/round",
        new("streamlearn", () => CreditRounds.Measure(devices, receipts: true)),
        new("unanswered", () => CreditRounds.Measure(devices, receipts: false)),
        new("receipts.alone", () => CreditRounds.MeasureReceipts(devices)));
}
