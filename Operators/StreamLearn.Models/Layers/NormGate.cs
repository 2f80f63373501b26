namespace StreamLearn.Models;

/// <summary>Recomputes which outputs of the norm were above zero, and keeps their gradients.</summary>
internal readonly ref struct NormGate
{
    internal required ReadOnlySpan<float> Means { get; init; }

    internal required ReadOnlySpan<float> Inverses { get; init; }

    internal required ReadOnlySpan<float> Gains { get; init; }

    internal required ReadOnlySpan<float> Biases { get; init; }

    /// <summary>Valid until the next call.</summary>
    internal required Span<float> Kept { get; init; }

    internal ReadOnlySpan<float> Keep(int channel, ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients)
    {
        var kept = Kept[..gradients.Length];
        Normalization.Gate(inputs, Means[channel], Inverses[channel], Gains[channel], Biases[channel], gradients, kept);
        return kept;
    }

    internal ReadOnlySpan<float> Keep(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients)
    {
        var kept = Kept[..gradients.Length];
        Normalization.Forward(inputs, Means, Inverses, Gains, Biases, 0, kept);
        Normalization.Gate(kept, gradients, kept);
        return kept;
    }
}
