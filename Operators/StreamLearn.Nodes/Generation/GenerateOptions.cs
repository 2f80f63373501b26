using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>Generate</c>.</summary>
public sealed record GenerateOptions
{
    /// <summary>The stages, in the order in which tokens pass them, until a plan says otherwise; at most 63. None, the default: the source
    /// runs all blocks.</summary>
    public ImmutableArray<string> Stages { get; init; } = [];

    /// <summary>Blocks that the source runs itself, at least 1, so that no token leaves it as it is; default 1.</summary>
    public int SourceBlocks { get; init; } = 1;

    /// <summary>Sequences that are under way at the same time, 1 to 32; default 1: one after the other. More of them keep the stages busy.
    /// </summary>
    public int MaxSequences { get; init; } = 1;

    /// <summary>True: no sequence begins its next token before all have theirs, which leaves bubbles in the pipeline. False, the default:
    /// each goes on at once. Source: Zhang et al. (2025), EdgeShard, the two schedules.</summary>
    public bool WaitsForGroup { get; init; }

    /// <summary>Time after which a token that has not come back is taken for lost, above 0; default 2 s. It has to cover a whole sequence
    /// that is sent again.</summary>
    public TimeSpan TokenTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time after which a stage that has not answered a plan is taken for lost, above 0; default 1 s.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Number of the first plan. Null, the default: the start of the source, in milliseconds since 1970, so that stages tell the
    /// plans of a later start from those of an earlier one.</summary>
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
