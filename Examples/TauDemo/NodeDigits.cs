using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>The digits of a node, labelled 1 where they are even and 0 where they are odd.</summary>
/// <param name="Digits">The set.</param>
/// <param name="Phases">Which of them it has, and from when on; the first ones from the start.</param>
public sealed record NodeDigits(GlyphDigits Digits, ImmutableArray<(TimeSpan At, ImmutableArray<int> Rows)> Phases)
{
    /// <summary>Pixels and label.</summary>
    public static Schema Schema => GlyphDigits.Schema;

    /// <summary>The most rows that it has at a time.</summary>
    public int MostRows => Phases.Max(static p => p.Rows.Length);

    /// <summary>The fewest rows that it has at a time.</summary>
    public int FewestRows => Phases.Min(static p => p.Rows.Length);

    /// <inheritdoc />
    public override string ToString() => $"{string.Join(", then ", Phases.Select(static p => p.Rows.Length))} digits, then nothing";
}

/// <summary>Hands in its digits, all at once where they change, and stays open: a node that has its data.</summary>
internal sealed class DigitsOnce(NodeDigits digits, OperatorContext context) : Source<Batch>
{
    private const int BatchRows = 1000;

    private readonly DateTimeOffset _start = context.Now;
    private int _phase;
    private int _given;         // of the phase

    public override DateTimeOffset? NextAt =>
        _phase < digits.Phases.Length ? _start + digits.Phases[_phase].At : DateTimeOffset.MaxValue;

    public override Batch Next()
    {
        var all = digits.Phases[_phase].Rows.AsSpan();
        var rows = all.Slice(_given, Math.Min(BatchRows, all.Length - _given));
        _given += rows.Length;
        if (_given == all.Length) { (_phase, _given) = (_phase + 1, 0); }
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
