namespace Benchmarks;

/// <summary>What compressed models cost beside those in float32.</summary>
internal sealed class CompressionSuite : Suite
{
    internal override string Name => "compression";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        .. ShrunkCases.All,
    ];
}
