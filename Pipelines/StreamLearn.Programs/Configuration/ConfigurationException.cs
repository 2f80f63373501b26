namespace StreamLearn.Programs;

/// <summary>An invalid configuration. The message lists at most 100 problems, one per line.</summary>
internal sealed class ConfigurationException(ImmutableArray<ConfigProblem> problems) : Exception(Lines(problems))
{
    private const int MaxLines = 100;

    internal ConfigurationException(ConfigOrigin origin, string text)
        : this([new ConfigProblem(origin, text)]) { }

    public ImmutableArray<ConfigProblem> Problems { get; } = problems;

    private static string Lines(ImmutableArray<ConfigProblem> problems)
    {
        var lines = string.Join('\n', problems.Take(MaxLines));
        return problems.Length > MaxLines ? $"{lines}\nand {problems.Length - MaxLines} more" : lines;
    }
}
