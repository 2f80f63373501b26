using System.Collections.Immutable;

namespace StreamLearn.Programs;

/// <summary>A configuration cannot be used. The message has a line for each problem, of at most 100.</summary>
/// <param name="problems">Everything that was found.</param>
public sealed class ConfigurationException(ImmutableArray<ConfigProblem> problems) : Exception(Lines(problems))
{
    private const int MaxLines = 100;

    internal ConfigurationException(ConfigOrigin origin, string text)
        : this([new ConfigProblem(origin, text)]) { }

    /// <summary>Everything that was found, in the order of reading.</summary>
    public ImmutableArray<ConfigProblem> Problems { get; } = problems;

    private static string Lines(ImmutableArray<ConfigProblem> problems)
    {
        var lines = string.Join('\n', problems.Take(MaxLines));
        return problems.Length > MaxLines ? $"{lines}\nand {problems.Length - MaxLines} more" : lines;
    }
}
