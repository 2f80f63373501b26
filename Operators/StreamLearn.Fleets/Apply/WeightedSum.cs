using System.Numerics.Tensors;

namespace StreamLearn.Fleets;

/// <summary>The weighted sum of a round's updates, Σ aᵢ·Δᵢ: slot <c>sum</c> of the state, empty between rounds.</summary>
internal static class WeightedSum
{
    /// <summary>Values of a block. Beyond 256 KiB the library writes past the cache, where the sum is wanted for the next update.</summary>
    private const int Block = 8192;

    internal static Span<float> Of(ServerState state) => state.Slot("sum");

    internal static void Add(ServerState state, in WeightedUpdate update) => AddTo(Of(state), update.Values, update.Weight);

    /// <summary>Moves the model by the sum times a factor, and empties the sum.</summary>
    internal static void Move(ServerState state, float factor)
    {
        var sum = Of(state);
        AddTo(state.Weights, sum, factor);
        sum.Clear();
    }

    /// <summary>Adds values times a factor, each with one rounding: the bits do not depend on how many are taken at once.</summary>
    private static void AddTo(Span<float> sum, ReadOnlySpan<float> values, float factor)
    {
        for (var at = 0; at < sum.Length; at += Block)
        {
            var part = sum.Slice(at, Math.Min(Block, sum.Length - at));
            TensorPrimitives.FusedMultiplyAdd(values.Slice(at, part.Length), factor, part, part);
        }
    }
}
