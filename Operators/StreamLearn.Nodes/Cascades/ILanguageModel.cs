namespace StreamLearn.Nodes;

/// <summary>A model that continues texts. The library contains no vendor's model.</summary>
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
    /// <returns>Natural logarithm of its probability, at most 0, and the number of its tokens, including the end.</returns>
    (double LogProbability, int Tokens) LogProbability(string prompt, string continuation);
}
