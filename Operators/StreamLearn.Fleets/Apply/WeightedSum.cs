using System.Numerics.Tensors;

namespace StreamLearn.Fleets;

/// <summary>Computes Σ aᵢ·Δᵢ in the slot <c>sum</c> of the state, which is empty between rounds.</summary>
internal static class WeightedSum
{
    /// <summary>Values per block. Beyond 256 KiB, writes bypass the cache, where the next update needs the sum.</summary>
    private const int Block = 8192;

    internal static Span<float> Of(ServerState state) => state.Slot("sum");

    internal static void Add(ServerState state, in WeightedUpdate update) => AddTo(Of(state), update.Values, update.Weight);

    internal static void Move(ServerState state, float factor)
    {
        var sum = Of(state);
        AddTo(state.Weights, sum, factor);
        sum.Clear();
    }

    /// <summary>Each value is rounded once, so the result does not depend on the vector width.</summary>
    private static void AddTo(Span<float> sum, ReadOnlySpan<float> values, float factor)
    {
        for (var at = 0; at < sum.Length; at += Block)
        {
            var part = sum.Slice(at, Math.Min(Block, sum.Length - at));
            TensorPrimitives.FusedMultiplyAdd(values.Slice(at, part.Length), factor, part, part);
        }
    }
}
