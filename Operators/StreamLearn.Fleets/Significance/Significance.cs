using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Fleets;

/// <summary>Which changes of parameters are worth sending. A rule of a program's own derives from it.</summary>
public abstract record Significance
{
    /// <summary>Moves what is significant from what is unsent to what is sent.</summary>
    /// <param name="weights">The parameters.</param>
    /// <param name="threshold">The threshold, 0 or more.</param>
    /// <param name="unsent">Of each parameter, the change that nobody has been told of; it is set to 0 where it is sent.</param>
    /// <param name="sent">Receives the changes that are sent, and 0 for the others.</param>
    /// <returns>How many are sent.</returns>
    public abstract int Take(ReadOnlySpan<float> weights, float threshold, Span<float> unsent, Span<float> sent);
}

/// <summary>A change is significant that is larger than so large a share of its parameter: |u| &gt; v · max(|w|, least).</summary>
/// <remarks>
/// A change that is not a number is significant: whoever gets it refuses it. Cost: four streams of memory. Source: Hsieh et al. (2017),
/// Gaia.
/// </remarks>
/// <param name="Least">What a parameter counts as at least, so that one of 0 has a share too. Above 0; default 1e-8.</param>
public sealed record RelativeSignificance(float Least = 1e-8f) : Significance
{
    /// <inheritdoc />
    public override int Take(ReadOnlySpan<float> weights, float threshold, Span<float> unsent, Span<float> sent)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, unsent.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sent.Length, unsent.Length);
        ref var weight = ref MemoryMarshal.GetReference(weights);
        ref var waiting = ref MemoryMarshal.GetReference(unsent);
        ref var going = ref MemoryMarshal.GetReference(sent);
        var (shares, least, stay) = (Vector512.Create(threshold), Vector512.Create(Least), Vector512<int>.Zero);
        var at = 0;
        for (; at + Vector512<float>.Count <= unsent.Length; at += Vector512<float>.Count)
        {
            var change = Vector512.LoadUnsafe(ref waiting, (nuint)at);
            var bound = shares * Vector512.Max(Vector512.Abs(Vector512.LoadUnsafe(ref weight, (nuint)at)), least);
            var stays = Vector512.LessThanOrEqual(Vector512.Abs(change), bound);
            (change & stays).StoreUnsafe(ref waiting, (nuint)at);
            Vector512.AndNot(change, stays).StoreUnsafe(ref going, (nuint)at);
            stay += stays.AsInt32();            // all bits: -1
        }

        var count = at + Vector512.Sum(stay);
        for (; at < unsent.Length; at++)
        {
            sent[at] = 0;
            if (MathF.Abs(unsent[at]) <= threshold * MathF.Max(MathF.Abs(weights[at]), Least)) { continue; }
            (sent[at], unsent[at]) = (unsent[at], 0);
            count++;
        }

        return count;
    }
}
