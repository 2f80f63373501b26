using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>A language model as a tier of a cascade: it answers the text of a question.</summary>
/// <param name="Model">The model.</param>
public sealed record LanguageTier(ILanguageModel Model) : ICascadeTier
{
    /// <summary>Tokens of an answer at most, at least 1; default 32.</summary>
    public int MaxTokens { get; init => field = AtLeast(1, value, nameof(MaxTokens)); } = 32;

    /// <summary>How sure it is; default by the mean log-probability of what is likeliest.</summary>
    public TextConfidence Confidence { get; init; }

    /// <summary>Answers that are drawn for <see cref="TextConfidence.SelfAgreement"/>, at least 2; default 3.</summary>
    public int Samples { get; init => field = AtLeast(2, value, nameof(Samples)); } = 3;

    /// <inheritdoc />
    public string Name => Model.Name;

    /// <inheritdoc />
    public TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(question);
        return Confidence == TextConfidence.SelfAgreement ? Agreed(question.Text, random) : Likeliest(question.Text);
    }

    private TierAnswer Likeliest(string prompt)
    {
        var text = Model.Generate(prompt, MaxTokens, random: null);
        return new(-1, text, (float)Math.Clamp(Model.LogProbability(prompt, text).Confidence, 0, 1));
    }

    /// <summary>The most frequent of some drawn answers; of those that are as frequent the first.</summary>
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
