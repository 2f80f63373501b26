namespace StreamLearn.Nodes;

/// <summary>A model that continues texts; the library binds no vendor's.</summary>
public interface ILanguageModel
{
    /// <summary>The printed name.</summary>
    string Name { get; }

    /// <summary>Continues a text.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="maxTokens">Maximum tokens of the continuation.</param>
    /// <param name="random">Samples each token; null: the likeliest is taken.</param>
    /// <returns>The continuation, without the prompt.</returns>
    string Generate(string prompt, int maxTokens, RandomStream? random);

    /// <summary>Scores a continuation of a text.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="continuation">Its continuation.</param>
    TextScore LogProbability(string prompt, string continuation);
}

/// <summary>The probability of a text.</summary>
/// <param name="LogProbability">Natural logarithm of its probability, at most 0.</param>
/// <param name="Tokens">Its tokens, including its end.</param>
public readonly record struct TextScore(double LogProbability, int Tokens)
{
    /// <summary>Geometric mean of the tokens' probabilities, 0 to 1; 0 without tokens.</summary>
    public double Confidence => Tokens == 0 ? 0 : Math.Exp(LogProbability / Tokens);
}

/// <summary>Measures of a language model's confidence.</summary>
public enum TextConfidence
{
    /// <summary>Mean log-probability of the answer's tokens. Source: Malinin, Gales (2021).</summary>
    MeanLogProbability,

    /// <summary>Share of sampled answers equal to the given one. Source: Wang et al. (2023), self-consistency.</summary>
    SelfAgreement,
}
