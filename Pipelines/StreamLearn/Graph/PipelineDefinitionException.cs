using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>A pipeline is wired incorrectly; lists every problem.</summary>
/// <param name="pipeline">The pipeline's name.</param>
/// <param name="problems">The problems, one line each.</param>
public sealed class PipelineDefinitionException(string pipeline, ImmutableArray<string> problems)
    : Exception($"pipeline '{pipeline}': {problems.Length} problem{(problems.Length == 1 ? "" : "s")}\n  {string.Join("\n  ", problems)}")
{
    /// <summary>The problems, one line each.</summary>
    public ImmutableArray<string> Problems { get; } = problems;
}
