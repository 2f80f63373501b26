namespace StreamLearn.Nodes;

/// <summary>A language model as a cascade tier, which answers the text of a question.</summary>
public sealed record LanguageTier(ILanguageModel Model) : ICascadeTier
{
    /// <summary>Maximum number of tokens in an answer, at least 1; default 32.</summary>
    public int MaxTokens { get; init => field = AtLeast(1, value, nameof(MaxTokens)); } = 32;

    /// <summary>Sampled answers, at least 2; the confidence is the share of them that equal the given answer. Default 0: the confidence is
    /// the mean log-probability of the most likely answer. Source: Wang et al. (2023), self-consistency; Malinin, Gales (2021).</summary>
    public int Samples { get; init => field = value == 0 ? 0 : AtLeast(2, value, nameof(Samples)); }

    /// <inheritdoc />
    public string Name => Model.Name;

    /// <inheritdoc />
    public TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(question);
        return Samples > 0 ? Agreed(question.Text, random) : Likeliest(question.Text);
    }

    private TierAnswer Likeliest(string prompt)
    {
        var text = Model.Generate(prompt, MaxTokens, random: null);
        var (log, tokens) = Model.LogProbability(prompt, text);
        return new(-1, text, tokens == 0 ? 0 : (float)Math.Clamp(Math.Exp(log / tokens), 0, 1));
    }

    private TierAnswer Agreed(string prompt, RandomStream random)
    {
        var drawn = new string[Samples];
        for (var i = 0; i < drawn.Length; i++) { drawn[i] = Model.Generate(prompt, MaxTokens, random); }
        var (best, votes) = (0, 0);
        for (var i = 0; i < drawn.Length; i++)
        {
            var same = 0;
            foreach (var other in drawn) { same += other == drawn[i] ? 1 : 0; }
            (best, votes) = same > votes ? (i, same) : (best, votes);
        }

        return new(-1, drawn[best], votes / (float)drawn.Length);
    }

    private static int AtLeast(int least, int value, string name) => value >= least
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"expected at least {least}");
}
