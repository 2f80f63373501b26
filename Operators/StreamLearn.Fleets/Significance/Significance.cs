using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Fleets;

/// <summary>Selects significant parameter changes. Custom rules derive from it.</summary>
internal abstract record Significance
{
    public abstract int Take(ReadOnlySpan<float> weights, float threshold, Span<float> unsent, Span<float> sent);
}

/// <summary>A change is significant if it exceeds a share of its parameter: |u| &gt; v · max(|w|, least).</summary>
/// <remarks>NaN is significant, so the receiver refuses it. Cost: reads or writes four arrays. Source: Hsieh et al. (2017), Gaia.</remarks>
internal sealed record RelativeSignificance(float Least = 1e-8f) : Significance
{
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
            stay += stays.AsInt32();            // a significant lane has all bits set: −1
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
