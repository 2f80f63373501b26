using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>The digits whose predictions are shown: two of each class, in order, of those that no node has.</summary>
internal sealed record ShownDigits(TauRows Digits, ImmutableArray<int> Indices)
{
    private const int OfEach = 2;

    internal static ShownDigits Of(TauRows digits) => new(digits,
        [.. Enumerable.Range(0, GlyphDigits.Classes).SelectMany(d =>
            Enumerable.Range(0, digits.Count).Where(i => digits.Kinds[i] == d).Take(OfEach))]);

    /// <summary>What a version says of them.</summary>
    internal ImmutableArray<DigitPrediction> Judge(Weights model) => [.. Indices.Select(i =>
    {
        var even = Score.IsEven(model, Digits.Row(i));
        return new DigitPrediction(i, even, even == (Score.LabelOf(Digits.Kinds[i]) == 1));
    })];
}
