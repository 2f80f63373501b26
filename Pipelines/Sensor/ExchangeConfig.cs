using System.Globalization;
using StreamLearn.Fleets;

namespace Sensor;

internal sealed record ExchangeConfig(
    int StepsPerUpdate, int UpdatesUnderWay, TimeSpan? Heartbeat, bool Barrier, SignificanceThreshold? Significance, TensorCode? Code)
{
    /// <summary>True if values at a split's boundary have 8 bits.</summary>
    internal bool HasBytes { get; init; }

    /// <summary>Number of devices for the aggregator's file; null: unspecified.</summary>
    internal int? Devices { get; init; }

    /// <summary>Maximum bytes of a piece; null: not split.</summary>
    internal int? PieceBytes { get; init; }

    internal static ExchangeConfig Read(ConfigMap map)
    {
        var (significance, code) = CodeOf(map);
        return new((int)map["steps_per_update", "steps of an update; with `split`, batches of a round"].Whole(1, 100_000).Or(4),
            (int)map["updates_under_way", "most unanswered updates of a device"].Whole(1, CreditOptions.MaxUpdates).Or(2),
            map["heartbeat", "between signs of life"].Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10))
                .Or(TimeSpan.FromSeconds(2)),
            map["mode", "continue after an update or wait for a version, until a version says otherwise"]
                .Word(("async", false), ("barrier", true)).Or(false), significance, code)
        {
            Devices = (int?)map["devices", "for `config init --model-of` with `barrier`"].Whole(1, 10_000).OrNull(),
            PieceBytes = (int?)map["piece", "size of the pieces of an update; none: one message"]
                .Size(1 << 10, SensorOptions.MaxPieceBytes).OrNull(),
            HasBytes = map["boundary", "form across a `split`; `int8`: a quarter of the bytes"]
                .Word(("float32", false), ("int8", true)).Or(false),
        };
    }

    private static SignificanceThreshold? ThresholdOf(ConfigEntry entry) => entry.As("`auto`, {0}", "none").IsLeftOut ? null
        : entry.Text().OrNull() == "auto" ? SignificanceThreshold.Measured()
        : SignificanceThreshold.Shrinking((float)entry.Number(1e-9, 10).Or(1));

    /// <summary>Reads the key <c>code</c>, or the older <c>significance</c>.</summary>
    private static (SignificanceThreshold? Significance, TensorCode? Code) CodeOf(ConfigMap map)
    {
        const string Significant = "significant:";
        var forms = TensorCodes.Forms.Replace(" or ", ", ", StringComparison.Ordinal).Replace(", ", "`, `", StringComparison.Ordinal);
        var code = map["code", "compression of updates"].As($"`{forms}`, `significant:1`, `significant:auto`", "none");
        var significance = ThresholdOf(
            map["significance", "same as `code: significant:…`: least change sent, relative to its parameter"]);
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
