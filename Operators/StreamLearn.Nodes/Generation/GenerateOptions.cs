using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>Generate</c>.</summary>
public sealed record GenerateOptions
{
    /// <summary>The initial stages in order, at most 63. None (default): the source runs all blocks.</summary>
    public ImmutableArray<string> Stages { get; init; } = [];

    /// <summary>Blocks on the source, at least 1, so that no raw token leaves it; default 1.</summary>
    public int SourceBlocks { get; init; } = 1;

    /// <summary>Concurrent sequences, 1 to 32; default 1. More keep the stages busy.</summary>
    public int MaxSequences { get; init; } = 1;

    /// <summary>True: sequences start their next token together, which leaves pipeline bubbles. False (default): each continues at once.
    /// Source: Zhang et al. (2025), EdgeShard, for the two schedules.</summary>
    public bool WaitsForGroup { get; init; }

    /// <summary>Time after which a token counts as lost, above 0; default 2 s. It must be sufficient for resending a whole
    /// sequence.</summary>
    public TimeSpan TokenTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time after which a stage that does not answer a plan counts as lost, above 0; default 1 s.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Number of the first plan. Null (default): the start of the source in milliseconds since 1970, which orders the plans of
    /// several starts.</summary>
    public long? FirstPlan { get; init; }

    /// <inheritdoc />
    public bool Equals(GenerateOptions? other) => other is not null && Stages.AsSpan().SequenceEqual(other.Stages.AsSpan())
        && (SourceBlocks, MaxSequences, WaitsForGroup) == (other.SourceBlocks, other.MaxSequences, other.WaitsForGroup)
        && (TokenTimeout, ReadyTimeout, FirstPlan) == (other.TokenTimeout, other.ReadyTimeout, other.FirstPlan);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Stages.Length, SourceBlocks, MaxSequences, WaitsForGroup, TokenTimeout);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"stages {string.Join(", ", Stages)}, {SourceBlocks} blocks here, {MaxSequences} sequences {(WaitsForGroup ? "as a group" : "")}, ")
        + string.Create(CultureInfo.InvariantCulture, $"timeouts {TokenTimeout.TotalSeconds} s, {ReadyTimeout.TotalSeconds} s");

    internal void Check(TransformerToy model, string source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SourceBlocks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SourceBlocks, model.Blocks);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxSequences, 32);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TokenTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReadyTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Stages.Length, GenerationPlan.MaxStages);
        foreach (var stage in Stages) { DeviceName.Checked(stage, nameof(Stages)); }
        if (Stages.Append(source).Distinct().Count() <= Stages.Length)
        {
            throw new ArgumentException($"expected different nodes, got {string.Join(", ", Stages)} and {source}");
        }
    }
}
