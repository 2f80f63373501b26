using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>The digits of a node, labelled 1 where they are even and 0 where they are odd.</summary>
/// <param name="Digits">The set.</param>
/// <param name="Rows">Which of them it has.</param>
public sealed record NodeDigits(GlyphDigits Digits, ImmutableArray<int> Rows)
{
    /// <summary>Pixels and label.</summary>
    public static Schema Schema => GlyphDigits.Schema;

    /// <inheritdoc />
    public override string ToString() => $"{Rows.Length} digits, then nothing";
}

/// <summary>Hands in its digits at the start and stays open: a node that has its data.</summary>
internal sealed class DigitsOnce(NodeDigits digits, OperatorContext context) : Source<Batch>
{
    private readonly DateTimeOffset _start = context.Now;
    private bool _made;

    public override DateTimeOffset? NextAt => _made ? DateTimeOffset.MaxValue : _start;

    public override Batch Next()
    {
        _made = true;
        var batch = context.Pool.Rent(NodeDigits.Schema, digits.Rows.Length);
        for (var p = 0; p < GlyphDigits.Pixels; p++)
        {
            var pixels = batch.Channels[p].Writable<float>();
            for (var r = 0; r < pixels.Length; r++) { pixels[r] = digits.Digits.Row(digits.Rows[r])[p]; }
        }

        var labels = batch[Schema.LabelColumn].Writable<int>();
        for (var r = 0; r < labels.Length; r++) { labels[r] = Score.LabelOf(digits.Digits.Labels[digits.Rows[r]]); }
        return batch;
    }
}
