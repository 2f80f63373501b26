using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>A tape of one bit per value, 32 per slot.</summary>
internal static class KeptBits
{
    private static Vector512<uint> Lanes => Vector512.Create(1u, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);

    internal static int Slots(int values) => (values + 31) / 32;

    internal static Span<uint> Words(Span<float> tape) => MemoryMarshal.Cast<float, uint>(tape);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void SetPositive(ReadOnlySpan<float> values, Span<uint> words)
    {
        ref var from = ref MemoryMarshal.GetReference(values);
        var whole = values.Length / 32;
        for (var w = 0; w < whole; w++)
        {
            var at = (nuint)w * 32;
            var lower = Vector512.GreaterThan(Vector512.LoadUnsafe(ref from, at), Vector512<float>.Zero).ExtractMostSignificantBits();
            var upper = Vector512.GreaterThan(Vector512.LoadUnsafe(ref from, at + 16), Vector512<float>.Zero).ExtractMostSignificantBits();
            words[w] = (uint)(lower | (upper << 16));
        }

        if (whole == words.Length) { return; }
        words[whole] = 0;
        for (var i = whole * 32; i < values.Length; i++) { words[whole] |= (values[i] > 0 ? 1u : 0) << (i & 31); }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Positive(ReadOnlySpan<float> values, Span<uint> words, Span<float> results)
    {
        ref var from = ref MemoryMarshal.GetReference(values);
        ref var to = ref MemoryMarshal.GetReference(results[..values.Length]);
        var whole = values.Length / 32;
        for (var w = 0; w < whole; w++)
        {
            var at = (nuint)w * 32;
            var (lower, upper) = (Vector512.LoadUnsafe(ref from, at), Vector512.LoadUnsafe(ref from, at + 16));
            Above(lower).StoreUnsafe(ref to, at);
            Above(upper).StoreUnsafe(ref to, at + 16);
            words[w] = (uint)(Vector512.GreaterThan(lower, Vector512<float>.Zero).ExtractMostSignificantBits()
                | (Vector512.GreaterThan(upper, Vector512<float>.Zero).ExtractMostSignificantBits() << 16));
        }

        if (whole == words.Length) { return; }
        words[whole] = 0;
        for (var i = whole * 32; i < values.Length; i++)
        {
            results[i] = MathF.Max(values[i], 0);
            words[whole] |= (values[i] > 0 ? 1u : 0) << (i & 31);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply(ReadOnlySpan<uint> words, ReadOnlySpan<float> values, float factor, float other, Span<float> results)
    {
        ref var from = ref MemoryMarshal.GetReference(values[..results.Length]);
        ref var to = ref MemoryMarshal.GetReference(results);
        var (factors, others) = (Vector512.Create(factor), Vector512.Create(other));
        var whole = results.Length / 32;
        for (var w = 0; w < whole; w++)
        {
            var (at, word) = ((nuint)w * 32, words[w]);
            (Vector512.LoadUnsafe(ref from, at) * Vector512.ConditionalSelect(Mask(word), factors, others)).StoreUnsafe(ref to, at);
            (Vector512.LoadUnsafe(ref from, at + 16) * Vector512.ConditionalSelect(Mask(word >> 16), factors, others))
                .StoreUnsafe(ref to, at + 16);
        }

        for (var i = whole * 32; i < results.Length; i++)
        {
            results[i] = values[i] * ((words[whole] >> (i & 31) & 1) != 0 ? factor : other);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Keep(ReadOnlySpan<uint> words, ReadOnlySpan<float> values, float factor, Span<float> results)
    {
        ref var from = ref MemoryMarshal.GetReference(values[..results.Length]);
        ref var to = ref MemoryMarshal.GetReference(results);
        var factors = Vector512.Create(factor);
        var whole = results.Length / 32;
        for (var w = 0; w < whole; w++)
        {
            var (at, word) = ((nuint)w * 32, words[w]);
            ((Vector512.LoadUnsafe(ref from, at) * factors) & Mask(word)).StoreUnsafe(ref to, at);
            ((Vector512.LoadUnsafe(ref from, at + 16) * factors) & Mask(word >> 16)).StoreUnsafe(ref to, at + 16);
        }

        for (var i = whole * 32; i < results.Length; i++) { results[i] = (words[whole] >> (i & 31) & 1) != 0 ? values[i] * factor : 0; }
    }

    internal static void GiveBack(in LayerCall call, float factor)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var words = Words(call.Tape);
        var (size, slots) = (call.Input.Size, Slots(call.Input.Size));
        var (from, to) = call.Share(call.Rows);
        for (var r = from; r < to; r++)
        {
            Keep(words.Slice(r * slots, slots), call.OutputGradients.Slice(r * size, size), factor,
                call.InputGradients.Slice(r * size, size));
        }
    }

    /// <summary>Returns max(value, 0), keeping NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Above(Vector512<float> values) => Vector512.ConditionalSelect(
        Vector512.LessThanOrEqual(values, Vector512<float>.Zero), Vector512<float>.Zero, values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mask(uint word) => Vector512.Equals(Vector512.Create(word) & Lanes, Lanes).AsSingle();
}
