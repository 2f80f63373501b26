namespace Benchmarks;

/// <summary>What compressed models and coded updates cost beside those in float32.</summary>
internal sealed class CompressionSuite : Suite
{
    internal override string Name => "compression";
    internal override IReadOnlyList<Case> Cases { get; } = [.. CodeCases.All, .. LosslessCases.Cases, .. Int8Cases.All, .. ShrunkCases.All];
}
