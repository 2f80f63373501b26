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
    private const int BatchRows = 1000;

    private readonly DateTimeOffset _start = context.Now;
    private int _given;

    public override DateTimeOffset? NextAt => _given < digits.Rows.Length ? _start : DateTimeOffset.MaxValue;

    public override Batch Next()
    {
        var rows = digits.Rows.AsSpan(_given, Math.Min(BatchRows, digits.Rows.Length - _given));
        _given += rows.Length;
        var batch = context.Pool.Rent(NodeDigits.Schema, rows.Length);
        for (var p = 0; p < GlyphDigits.Pixels; p++)
        {
            var pixels = batch.Channels[p].Writable<float>();
            for (var r = 0; r < rows.Length; r++) { pixels[r] = digits.Digits.Row(rows[r])[p]; }
        }

        var labels = batch[Schema.LabelColumn].Writable<int>();
        for (var r = 0; r < rows.Length; r++) { labels[r] = Score.LabelOf(digits.Digits.Labels[rows[r]]); }
        return batch;
    }
}
