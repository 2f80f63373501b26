using System.Globalization;
using StreamLearn.Fleets;

namespace Sensor;

internal sealed record ExchangeConfig(
    int StepsPerUpdate, int UpdatesUnderWay, TimeSpan? Heartbeat, bool Barrier, SignificanceThreshold? Significance, TensorCode? Code)
{
    /// <summary>8-bit values at a split's boundary.</summary>
    internal bool HasBytes { get; init; }

    /// <summary>Number of devices for the aggregator's file; null: unspecified.</summary>
    internal int? Devices { get; init; }

    /// <summary>Maximum bytes of a piece; null: not split.</summary>
    internal int? PieceBytes { get; init; }

    internal static ExchangeConfig Read(ConfigMap map)
    {
        var (significance, code) = CodeOf(map);
        return new((int)map["steps_per_update"].Whole(1, 100_000).Or(4),
            (int)map["updates_under_way"].Whole(1, CreditOptions.MaxUpdates).Or(2),
            map["heartbeat"].Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)).Or(TimeSpan.FromSeconds(2)),
            map["mode"].Word(("async", false), ("barrier", true)).Or(false), significance, code)
        {
            Devices = (int?)map["devices"].Whole(1, 10_000).OrNull(),
            PieceBytes = (int?)map["piece"].Size(1 << 10, SensorOptions.MaxPieceBytes).OrNull(),
            HasBytes = map["boundary"].Word(("float32", false), ("int8", true)).Or(false),
        };
    }

    /// <summary>The first update's threshold.</summary>
    private static SignificanceThreshold? ThresholdOf(ConfigEntry entry) => entry.IsAbsent ? null
        : entry.Text().OrNull() == "auto" ? SignificanceThreshold.Measured()
        : SignificanceThreshold.Shrinking((float)entry.Number(1e-9, 10).Or(1));

    /// <summary>Key <c>code</c>, or the older <c>significance</c>.</summary>
    private static (SignificanceThreshold? Significance, TensorCode? Code) CodeOf(ConfigMap map)
    {
        const string Significant = "significant:";
        var (code, significance) = (map["code"], ThresholdOf(map["significance"]));
        if (code.IsAbsent || code.Text().OrNull() is not { } text) { return (significance, null); }
        if (significance is not null) { code.Refuse("expected code or significance, not both: significance: 1 is code: significant:1"); }
        if (text == Significant + "auto") { return (SignificanceThreshold.Measured(), null); }
        if (text.StartsWith(Significant, StringComparison.Ordinal)
            && double.TryParse(text[Significant.Length..], NumberStyles.Float, CultureInfo.InvariantCulture, out var first)
            && first is >= 1e-9 and <= 10)
        {
            return (SignificanceThreshold.Shrinking((float)first), null);
        }

        var known = TensorCodes.TryParse(text);
        if (known is null) { code.Refuse($"expected {TensorCodes.Forms}, significant:1 or significant:auto, got '{text}'"); }
        return (null, known);
    }
}
