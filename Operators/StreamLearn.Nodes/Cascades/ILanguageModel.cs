using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>A model that continues texts. The library defines no binding to one of a vendor.</summary>
public interface ILanguageModel
{
    /// <summary>The name by which a pipeline prints it.</summary>
    string Name { get; }

    /// <summary>Continues a text.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="maxTokens">Tokens of the continuation at most.</param>
    /// <param name="random">Draws each token; null: the likeliest one is taken.</param>
    /// <returns>The continuation, without the prompt.</returns>
    string Generate(string prompt, int maxTokens, RandomStream? random);

    /// <summary>How likely a continuation of a text is.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="continuation">What comes after it.</param>
    TextScore LogProbability(string prompt, string continuation);
}

/// <summary>How likely a text is.</summary>
/// <param name="LogProbability">The natural logarithm of its probability, at most 0.</param>
/// <param name="Tokens">Its tokens, its end included.</param>
public readonly record struct TextScore(double LogProbability, int Tokens)
{
    /// <summary>The geometric mean of its tokens' probabilities, 0 to 1; 0 if there is none.</summary>
    public double Confidence => Tokens == 0 ? 0 : Math.Exp(LogProbability / Tokens);
}

/// <summary>How sure a language model is of its own answer.</summary>
public enum TextConfidence
{
    /// <summary>By the mean log-probability of the answer's tokens. Source: Malinin, Gales (2021).</summary>
    MeanLogProbability,

    /// <summary>By the share of drawn answers that are the one that is given. Source: Wang et al. (2023), self-consistency.</summary>
    SelfAgreement,
}
