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
        var (name, value) = Setting.Split(text);
        return name switch
        {
            "alpha" => this with { Alpha = Setting.Alpha(value) },
            "uplink" => this with { Uplink = RateTrace.OfSetting(name, value) },
            "downlink" => this with { Downlink = RateTrace.OfSetting(name, value) },
            _ => throw new FormatException($"--set: expected alpha=, uplink= or downlink=, got '{text}'"),
        };
    }
}
