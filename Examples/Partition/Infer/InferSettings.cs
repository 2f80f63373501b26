using System.Globalization;

namespace Partition;

/// <summary>What plans, tables and the page of inference are computed with.</summary>
internal sealed record InferSettings
{
    /// <summary>What time counts beside energy, 0 to 1; default 0.5.</summary>
    internal double Alpha { get; init; } = 0.5;

    /// <summary>What links carry from devices; null: what each table says.</summary>
    internal RateTrace? Uplink { get; init; }

    /// <summary>What links carry to devices; null: what each table says.</summary>
    internal RateTrace? Downlink { get; init; }

    /// <summary>True if links go by a trace.</summary>
    internal bool IsTraced => Uplink is not null || Downlink is not null;

    /// <summary>Seed of all that is drawn.</summary>
    internal long Seed { get; init; }

    /// <summary>The settings with one of them set: <c>alpha=.25</c>, <c>uplink=FILE</c>, <c>downlink=FILE</c>.</summary>
    /// <exception cref="FormatException">There is no such setting, or its value is not as expected; the message says what was
    /// expected.</exception>
    internal InferSettings With(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
        return name switch
        {
            "alpha" => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var alpha) && alpha is >= 0 and <= 1
                ? this with { Alpha = alpha }
                : throw new FormatException($"--set alpha: expected 0 to 1, got '{value}'"),
            "uplink" => this with { Uplink = TrainSettings.Trace(name, value) },
            "downlink" => this with { Downlink = TrainSettings.Trace(name, value) },
            _ => throw new FormatException($"--set: expected alpha=, uplink= or downlink=, got '{text}'"),
        };
    }
}
