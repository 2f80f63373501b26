using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>Weights from −127 to 127 with a scale per output channel: weight = scale × number.</summary>
/// <remarks>Scales have at most 16 significant bits, so that products are exact and rounding is idempotent. Source: Jacob et al. (2018),
/// with the zero point 0; Krishnamoorthi (2018), for scales per channel.</remarks>
internal static class Symmetric8
{
    private const float MinScale = 1.17549435e-38f;

    /// <summary><paramref name="isChannelFirst"/>: true if weights are stored as [channels, taps], otherwise as [taps, channels].</summary>
    internal static void Scales(ReadOnlySpan<float> weights, bool isChannelFirst, Span<float> scales)
    {
        var (channels, taps) = (scales.Length, weights.Length / scales.Length);
        scales.Clear();
        for (var t = 0; t < taps && !isChannelFirst; t++)
        {
            TensorPrimitives.MaxMagnitude(scales, weights.Slice(t * channels, channels), scales);
        }

        for (var c = 0; c < channels; c++)
        {
            if (isChannelFirst) { scales[c] = TensorPrimitives.MaxMagnitude(weights.Slice(c * taps, taps)); }
            scales[c] = ScaleOf(Math.Abs(scales[c]));
        }
    }

    /// <summary>Keeps NaN.</summary>
    internal static void Numbers(ReadOnlySpan<float> weights, bool isChannelFirst, ReadOnlySpan<float> scales, Span<float> numbers)
    {
        numbers = numbers[..weights.Length];
        var (channels, taps) = (scales.Length, weights.Length / scales.Length);
        for (var c = 0; c < channels && isChannelFirst; c++)
        {
            TensorPrimitives.Divide(weights.Slice(c * taps, taps), scales[c], numbers.Slice(c * taps, taps));
        }

        for (var t = 0; t < taps && !isChannelFirst; t++)
        {
            TensorPrimitives.Divide(weights.Slice(t * channels, channels), scales, numbers.Slice(t * channels, channels));
        }

        TensorPrimitives.Round(numbers, MidpointRounding.AwayFromZero, numbers);
        TensorPrimitives.Min(numbers, 127, numbers);
        TensorPrimitives.Max(numbers, -127, numbers);
    }

    internal static void Restore(Span<float> numbers, bool isChannelFirst, ReadOnlySpan<float> scales)
    {
        var (channels, taps) = (scales.Length, numbers.Length / scales.Length);
        for (var i = 0; i < (isChannelFirst ? channels : taps); i++)
        {
            var part = isChannelFirst ? numbers.Slice(i * taps, taps) : numbers.Slice(i * channels, channels);
            if (isChannelFirst) { TensorPrimitives.Multiply(part, scales[i], part); }
            else { TensorPrimitives.Multiply(part, scales, part); }
        }
    }

    /// <summary>Returns the scale, rounded up to 16 bits.</summary>
    private static float ScaleOf(float greatest) => float.IsFinite(greatest)
        ? Math.Max(MinScale, BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(greatest / 127) + 0xFF) & ~0xFFu))
        : greatest;
}
