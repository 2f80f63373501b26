namespace StreamLearn.Models;

internal sealed class DecoderSteps
{
    internal DecoderSteps(TransformerToy model)
    {
        var width = model.Width;
        Attention = Lines(width, 3 * width);
        Narrow = Lines(width, width);
        Wide = Lines(width, 4 * width);
        Back = Lines(4 * width, width);
        Scores = Lines(width, model.Vocabulary);
        Keys = Lines(width / model.Heads, model.Context);
        Values = Lines(model.Context, width);
    }

    internal Step[] Attention { get; }

    internal Step[] Narrow { get; }

    internal Step[] Wide { get; }

    internal Step[] Back { get; }

    internal Step[] Scores { get; }

    /// <summary>From the query of a head to all positions; keys are stored value by value.</summary>
    internal Step[] Keys { get; }

    /// <summary>From shares to the values of a head; values are stored position by position.</summary>
    internal Step[] Values { get; }

    private static Step[] Lines(int count, int step) => [.. Enumerable.Range(0, count).Select(k => new Step(k, k * step))];
}
