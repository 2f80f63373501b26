using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamLearn.Samples;

/// <summary>The <c>glyph-digits</c> generator: synthetic handwritten digits, 28 × 28 gray values, in place of MNIST.</summary>
/// <remarks> Each digit is a 5 × 7 bitmap that is scaled, slanted, rotated, shifted and blurred, with pixel noise. A set is generated once
/// and shared by sources. A larger set with the same seed begins with the smaller one. Units: gray values, 0 to 1. State: 3 KiB per digit.
/// Cost: about 25 µs per digit. Source: specification of glyph-digits, ours. </remarks>
public sealed class GlyphDigits
{
    /// <summary>Pixels in a row or column.</summary>
    public const int Side = 28;

    /// <summary>Pixels in a digit.</summary>
    public const int Pixels = Side * Side;

    /// <summary>Classes, the digits 0 to 9.</summary>
    public const int Classes = 10;

    private const int GlyphColumns = 5;
    private const int GlyphRows = 7;

    /// <summary>7 rows of 5 bits, top left first.</summary>
    private static readonly ulong[] Glyphs =
    [
        0x3A33AE62E, 0x11842108E, 0x3A211111F, 0x7C441062E, 0x08CA97C42, 0x7E1E0862E, 0x1910F462E, 0x7C2222108, 0x3A317462E, 0x3A317844C,
    ];

    private GlyphDigits(ImmutableArray<float> features, ImmutableArray<int> labels) => (Features, Labels) = (features, labels);

    /// <summary>The pixels <c>p0</c> to <c>p783</c>, row by row, and the digit.</summary>
    public static Schema Schema { get; } = new([
        .. Enumerable.Range(0, Pixels).Select(i => Field.Channel(string.Create(CultureInfo.InvariantCulture, $"p{i}"), Unit.One)),
        Field.Label()]);

    /// <summary>Gray values, <c>[Count, 784]</c>, row-major.</summary>
    public ImmutableArray<float> Features { get; }

    /// <summary>The digits, 0 to 9.</summary>
    public ImmutableArray<int> Labels { get; }

    /// <summary>Digits in the set.</summary>
    public int Count => Labels.Length;

    /// <summary>Generates a set.</summary>
    /// <param name="count">Digits, 1 to 2,000,000.</param>
    /// <param name="seed">The seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    public static GlyphDigits Generate(int count, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 2_000_000);
        var (features, labels) = (new float[count * Pixels], new int[count]);
        var random = new RandomStream(seed, "glyph-digits");
        for (var i = 0; i < count; i++) { labels[i] = Write(random, features.AsSpan(i * Pixels, Pixels)); }
        return new(ImmutableCollectionsMarshal.AsImmutableArray(features), ImmutableCollectionsMarshal.AsImmutableArray(labels));
    }

    /// <summary>Returns a digit's pixels.</summary>
    /// <param name="index">The digit, from 0.</param>
    public ReadOnlySpan<float> Row(int index) => Features.AsSpan().Slice(index * Pixels, Pixels);

    /// <summary>Draws the same number of random values for each digit, so digits are independent.</summary>
    internal static int Write(RandomStream random, Span<float> pixels)
    {
        var label = random.NextInt32(Classes);
        var (scaleX, scaleY) = (random.NextDouble(2.6, 3.4), random.NextDouble(2.4, 3.2));
        var (shear, turn) = (0.25 * random.NextGaussian(), 0.12 * random.NextGaussian());
        var (centerX, centerY) = (14 + (1.2 * random.NextGaussian()), 14 + (1.2 * random.NextGaussian()));
        var (sine, cosine) = Math.SinCos(turn);
        for (var row = 0; row < Side; row++)
        {
            for (var column = 0; column < Side; column++)
            {
                var (a, b) = (column - centerX, row - centerY);
                var v = (cosine * b) - (sine * a);
                var u = (cosine * a) + (sine * b) - (shear * v);
                var ink = Bilinear(Glyphs[label], (u / scaleX) + 2, (v / scaleY) + 3);
                pixels[(row * Side) + column] = (float)Math.Clamp((1.4 * ink) - 0.2 + (0.1 * random.NextGaussian()), 0, 1);
            }
        }

        return label;
    }

    /// <summary>Bilinear interpolation; 0 outside.</summary>
    private static double Bilinear(ulong glyph, double x, double y)
    {
        if (!(x > -1 && x < GlyphColumns && y > -1 && y < GlyphRows)) { return 0; }
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (right, bottom) = (x - left, y - top);
        var above = ((1 - right) * Bit(glyph, left, top)) + (right * Bit(glyph, left + 1, top));
        var below = ((1 - right) * Bit(glyph, left, top + 1)) + (right * Bit(glyph, left + 1, top + 1));
        return ((1 - bottom) * above) + (bottom * below);
    }

    private static ulong Bit(ulong glyph, int x, int y) =>
        (uint)x < GlyphColumns && (uint)y < GlyphRows ? (glyph >> ((GlyphColumns * GlyphRows) - 1 - (y * GlyphColumns) - x)) & 1 : 0;
}
