using System.Numerics.Tensors;

namespace StreamLearn.Fleets;

/// <summary>Σ aᵢ·Δᵢ: slot <c>sum</c> of the state, empty between rounds.</summary>
internal static class WeightedSum
{
    /// <summary>Values of a block. Beyond 256 KiB, writes bypass the cache, where the next update needs the sum.</summary>
    private const int Block = 8192;

    internal static Span<float> Of(ServerState state) => state.Slot("sum");

    internal static void Add(ServerState state, in WeightedUpdate update) => AddTo(Of(state), update.Values, update.Weight);

    internal static void Move(ServerState state, float factor)
    {
        var sum = Of(state);
        AddTo(state.Weights, sum, factor);
        sum.Clear();
    }

    /// <summary>One rounding per value: the result does not depend on vector width.</summary>
    private static void AddTo(Span<float> sum, ReadOnlySpan<float> values, float factor)
    {
        for (var at = 0; at < sum.Length; at += Block)
        {
            var part = sum.Slice(at, Math.Min(Block, sum.Length - at));
            TensorPrimitives.FusedMultiplyAdd(values.Slice(at, part.Length), factor, part, part);
        }
    }
}
