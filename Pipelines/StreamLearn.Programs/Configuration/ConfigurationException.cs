namespace StreamLearn.Programs;

/// <summary>An invalid configuration. The message lists at most 100 problems, a line each.</summary>
/// <param name="problems">The problems.</param>
internal sealed class ConfigurationException(ImmutableArray<ConfigProblem> problems) : Exception(Lines(problems))
{
    private const int MaxLines = 100;

    internal ConfigurationException(ConfigOrigin origin, string text)
        : this([new ConfigProblem(origin, text)]) { }

    /// <summary>The problems, in reading order.</summary>
    public ImmutableArray<ConfigProblem> Problems { get; } = problems;

    private static string Lines(ImmutableArray<ConfigProblem> problems)
    {
        var lines = string.Join('\n', problems.Take(MaxLines));
        return problems.Length > MaxLines ? $"{lines}\nand {problems.Length - MaxLines} more" : lines;
    }
}
