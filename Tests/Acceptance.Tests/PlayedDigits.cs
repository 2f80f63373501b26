using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Samples;

namespace Acceptance.Tests;

/// <summary>The digits that a device has.</summary>
/// <param name="Digits">The set.</param>
/// <param name="Rows">Which of them.</param>
internal sealed record PlayedDigits(GlyphDigits Digits, ImmutableArray<int> Rows)
{
    public override string ToString() => $"{Rows.Length} digits, then nothing";
}

/// <summary>Hands in its digits at the start and stays open: a device that has its data.</summary>
internal sealed class PlayedOnce(PlayedDigits played, OperatorContext context) : Source<Batch>, ISeekable
{
    private readonly DateTimeOffset _start = context.Now;
    private bool _made;

    public override DateTimeOffset? NextAt => _made ? DateTimeOffset.MaxValue : _start;

    public void Seek(long messages) => _made = messages > 0;

    public override Batch Next()
    {
        _made = true;
        var batch = context.Pool.Rent(GlyphDigits.Schema, played.Rows.Length);
        for (var p = 0; p < GlyphDigits.Pixels; p++)
        {
            var pixels = batch.Channels[p].Writable<float>();
            for (var r = 0; r < pixels.Length; r++) { pixels[r] = played.Digits.Row(played.Rows[r])[p]; }
        }

        var labels = batch[Schema.LabelColumn].Writable<int>();
        for (var r = 0; r < labels.Length; r++) { labels[r] = played.Digits.Labels[played.Rows[r]]; }
        return batch;
    }
}
