using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Codes by name, as in configurations.</summary>
public static class TensorCodes
{
    /// <summary>The forms of <see cref="TryParse"/>.</summary>
    public const string Forms = "top-k:0.01, random-k:0.01, qsgd:4, ternary, sign or k-bit:6";

    /// <summary>Parses a code: top-k or random-k with a share, qsgd or k-bit with bits, ternary, sign.</summary>
    /// <param name="text">Such as <c>top-k:0.01</c>.</param>
    /// <returns>Null if invalid.</returns>
    public static TensorCode? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, number) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        return (name, number) switch
        {
            ("ternary", null) => new TernaryCode(),
            ("sign", null) => new SignCode(),
            ("top-k", { } share) => ShareOf(share) is { } s ? new TopKCode(s) : null,
            ("random-k", { } share) => ShareOf(share) is { } s ? new RandomKCode(s) : null,
            ("qsgd", { } bits) => BitsOf(bits, 2) is { } b ? new QsgdCode(b) : null,
            ("k-bit", { } bits) => BitsOf(bits, 1) is { } b ? new KBitCode(b) : null,
            _ => null,
        };
    }

    private static double? ShareOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 1e-6 and <= 1 ? share : null;

    private static int? BitsOf(string text, int min) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits >= min && bits <= 8 ? bits : null;
}
