using System.Globalization;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Programs;

namespace Sensor;

/// <summary>How a device and its aggregator keep pace.</summary>
internal sealed record ExchangeConfig(
    int StepsPerUpdate, int UpdatesUnderWay, TimeSpan? Heartbeat, bool Barrier, SignificanceThreshold? Significance, TensorCode? Code)
{
    /// <summary>True: what crosses the boundary of a split has 8 bits a value.</summary>
    internal bool HasBytes { get; init; }

    /// <summary>Devices of the fleet, for the aggregator's file; null: it does not say.</summary>
    internal int? Devices { get; init; }

    /// <summary>Bytes of an update in a message at most; null: an update is a message.</summary>
    internal int? PieceBytes { get; init; }

    /// <summary>Reads the section <c>exchange</c>.</summary>
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

    /// <summary>A number is the threshold of the first update.</summary>
    private static SignificanceThreshold? ThresholdOf(ConfigEntry entry) => entry.IsAbsent ? null
        : entry.Text().OrNull() == "auto" ? new MeasuredThreshold() : new ShrinkingThreshold((float)entry.Number(1e-9, 10).Or(1));

    /// <summary>The key <c>code</c>, or what it was before there were other codes: <c>significance</c>.</summary>
    private static (SignificanceThreshold? Significance, TensorCode? Code) CodeOf(ConfigMap map)
    {
        const string Significant = "significant:";
        var (code, significance) = (map["code"], ThresholdOf(map["significance"]));
        if (code.IsAbsent || code.Text().OrNull() is not { } text) { return (significance, null); }
        if (significance is not null) { code.Refuse("expected code or significance, not both: significance: 1 is code: significant:1"); }
        if (text == Significant + "auto") { return (new MeasuredThreshold(), null); }
        if (text.StartsWith(Significant, StringComparison.Ordinal)
            && double.TryParse(text[Significant.Length..], NumberStyles.Float, CultureInfo.InvariantCulture, out var first)
            && first is >= 1e-9 and <= 10)
        {
            return (new ShrinkingThreshold((float)first), null);
        }

        var known = TensorCodes.TryParse(text);
        if (known is null) { code.Refuse($"expected {TensorCodes.Forms}, significant:1 or significant:auto, got '{text}'"); }
        return (null, known);
    }
}
