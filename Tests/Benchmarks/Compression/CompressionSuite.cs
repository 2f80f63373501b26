namespace Benchmarks;

/// <summary>What smaller models and updates cost.</summary>
internal sealed class CompressionSuite : Suite
{
    internal override string Name => "compression";

    internal override IReadOnlyList<Case> Cases { get; } = [.. Int8Cases.All];
}
