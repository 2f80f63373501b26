using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Codes by name, as used in configurations.</summary>
public static class TensorCodes
{
    private static ImmutableArray<NamedCode> _known =
    [
        new("top-k", new TopKCode(), static text => ShareOf(text) is { } share ? new TopKCode(share) : null),
        new("random-k", new RandomKCode(), static text => ShareOf(text) is { } share ? new RandomKCode(share) : null),
        new("qsgd", new QsgdCode(), static text => BitsOf(text, 2) is { } bits ? new QsgdCode(bits) : null),
        new("ternary", new TernaryCode(), null),
        new("sign", new SignCode(), null),
        new("k-bit", new KBitCode(), static text => BitsOf(text, 1) is { } bits ? new KBitCode(bits) : null),
    ];

    /// <summary>The forms that <see cref="TryParse"/> accepts, such as <c>top-k:0.01, qsgd:4 or sign</c>.</summary>
    public static string Forms
    {
        get
        {
            var forms = _known.Select(static k => k.Form).ToList();
            return $"{string.Join(", ", forms[..^1])} or {forms[^1]}";
        }
    }

    /// <summary>Parses a code: its name and, after a colon, what it needs, such as a share or bits.</summary>
    /// <param name="text">The string, such as <c>top-k:0.01</c>.</param>
    /// <returns>The code; null if invalid.</returns>
    public static TensorCode? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? text : text[..colon];
        if (_known.FirstOrDefault(k => k.Name == name) is not { } known) { return null; }
        return colon >= 0 ? known.Parse?.Invoke(text[(colon + 1)..]) : known.Parse is null ? known.Code : null;
    }

    /// <summary>Makes a code available in configurations and decodable. Call it at the start, in senders and aggregators.</summary>
    /// <param name="name">Its name, without a colon.</param>
    /// <param name="code">The code with default settings.</param>
    /// <param name="parse">Reads the part after the colon; null: invalid. Null (default): the name has no colon.</param>
    /// <exception cref="ArgumentException">The name or the kind belongs to another code.</exception>
    public static void Register(string name, TensorCode code, Func<string, TensorCode?>? parse = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(code);
        if (name.Contains(':', StringComparison.Ordinal)) { throw new ArgumentException($"expected no colon, got {name}", nameof(name)); }
        code.Register();
        ImmutableInterlocked.Update(ref _known, known =>
        {
            var other = known.FirstOrDefault(k => k.Name == name)?.Code;
            return other is null ? known.Insert(0, new(name, code, parse))
                : other.GetType() == code.GetType() ? known : throw new ArgumentException($"another code is named {name}", nameof(name));
        });
    }

    private static double? ShareOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 1e-6 and <= 1 ? share : null;

    private static int? BitsOf(string text, int min) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits >= min && bits <= 8 ? bits : null;

    private sealed record NamedCode(string Name, TensorCode Code, Func<string, TensorCode?>? Parse)
    {
        internal string Form => Code.ToString() is { } text && text.StartsWith(Name, StringComparison.Ordinal) ? text : Name;
    }
}
