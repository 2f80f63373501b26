namespace StreamLearn.Models;

/// <summary>The steps of the sums of a decoder, worked out once.</summary>
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

    /// <summary>From a row to queries, keys and values.</summary>
    internal Step[] Attention { get; }

    /// <summary>From a row to a row.</summary>
    internal Step[] Narrow { get; }

    /// <summary>From a row to four times as many values.</summary>
    internal Step[] Wide { get; }

    /// <summary>Back from those to a row.</summary>
    internal Step[] Back { get; }

    /// <summary>From a row to scores.</summary>
    internal Step[] Scores { get; }

    /// <summary>From the query of a head to all places, over keys that lie value by value.</summary>
    internal Step[] Keys { get; }

    /// <summary>From the shares of places to the values of a head, over values that lie place by place.</summary>
    internal Step[] Values { get; }

    private static Step[] Lines(int count, int step) => [.. Enumerable.Range(0, count).Select(k => new Step(k, k * step))];
}
