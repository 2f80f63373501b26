namespace StreamLearn.Nodes;

/// <summary>Answers the questions of one cascade tier. Stateless; may be shared.</summary>
public interface ICascadeTier
{
    /// <summary>The printed name.</summary>
    string Name { get; }

    /// <summary>Multiply-adds per question, which take time in a virtual world; default 0.</summary>
    long MultiplyAdds => 0;

    /// <summary>Answers a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="random">The block's random numbers.</param>
    /// <param name="memory">Scratch memory, released on return.</param>
    TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory);
}

/// <summary>The answer of a tier.</summary>
/// <param name="Class">The class; −1: the answer is a text, or there is none.</param>
/// <param name="Text">The text; empty for a class.</param>
/// <param name="Confidence">The probability that the answer is correct, if calibrated, 0 to 1.</param>
public readonly record struct TierAnswer(int Class, string Text, float Confidence)
{
    /// <summary>No answer, with confidence 0.</summary>
    public static TierAnswer None => new(-1, "", 0);
}
