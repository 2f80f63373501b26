using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>What answers the questions of one tier of a cascade. It keeps no state: a value that may be shared.</summary>
public interface ICascadeTier
{
    /// <summary>The name by which a pipeline prints it.</summary>
    string Name { get; }

    /// <summary>Multiply-adds of one question, which take time in a virtual world; default 0.</summary>
    long MultiplyAdds => 0;

    /// <summary>Answers a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="random">Random numbers of the block.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory);
}

/// <summary>What a tier says.</summary>
/// <param name="Class">The class; −1 if it is a text, or there is no answer.</param>
/// <param name="Text">The text; empty if it is a class.</param>
/// <param name="Confidence">How sure it is: the probability that it is right, 0 to 1, if it is calibrated.</param>
public readonly record struct TierAnswer(int Class, string Text, float Confidence)
{
    /// <summary>No answer, and not sure at all.</summary>
    public static TierAnswer None => new(-1, "", 0);
}
