using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>A pipeline is wired wrongly; lists every problem at once.</summary>
/// <param name="pipeline">The pipeline's name.</param>
/// <param name="problems">What is wrong, a line each.</param>
public sealed class PipelineDefinitionException(string pipeline, ImmutableArray<string> problems)
    : Exception($"pipeline '{pipeline}': {problems.Length} problem{(problems.Length == 1 ? "" : "s")}\n  {string.Join("\n  ", problems)}")
{
    /// <summary>What is wrong, a line each.</summary>
    public ImmutableArray<string> Problems { get; } = problems;

    /// <summary>Of these, the private columns that would go further than their labels allow.</summary>
    public ImmutableArray<PrivacyException> Crossings { get; init; } = [];
}
