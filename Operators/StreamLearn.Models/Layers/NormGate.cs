namespace StreamLearn.Models;

/// <summary>Works out again which outputs of a norm were above zero, and keeps the gradients of those.</summary>
internal readonly ref struct NormGate
{
    internal required ReadOnlySpan<float> Means { get; init; }

    internal required ReadOnlySpan<float> Inverses { get; init; }

    internal required ReadOnlySpan<float> Gains { get; init; }

    internal required ReadOnlySpan<float> Biases { get; init; }

    /// <summary>Memory for what is kept, until the next call.</summary>
    internal required Span<float> Kept { get; init; }

    /// <summary>The gradients of a channel; zeros where the output was not above zero.</summary>
    internal ReadOnlySpan<float> Keep(int channel, ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients)
    {
        var kept = Kept[..gradients.Length];
        Normalization.Gate(inputs, Means[channel], Inverses[channel], Gains[channel], Biases[channel], gradients, kept);
        return kept;
    }

    /// <summary>The gradients of one value of every channel.</summary>
    internal ReadOnlySpan<float> Keep(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients)
    {
        var kept = Kept[..gradients.Length];
        Normalization.Forward(inputs, Means, Inverses, Gains, Biases, 0, kept);
        Normalization.Gate(kept, gradients, kept);
        return kept;
    }
}
