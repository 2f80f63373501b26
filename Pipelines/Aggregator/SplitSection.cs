using System.Globalization;
using System.Text;

namespace Aggregator;

internal static class SplitSection
{
    /// <summary>Returns the section below <c>aggregate</c>; empty if devices train all layers. Ignores what only a sensor checks.</summary>
    internal static string Read(ConfigMap map, ModelConfig model)
    {
        var (boundary, codeKey) = map["exchange"].IsAbsent ? default : map.Section("exchange", static m => (
            m.Known()["boundary"].Word("float32", "int8").OrNull(),
            m["code"].IsAbsent ? m["significance"].IsAbsent ? null : "significance" : "code"));
        var text = new StringBuilder();
        (bool HasSplit, int? Layers) found = default;
        SensorModel.ReadStep(map, "learn", learn =>
        {
            if (!SplitKeys.Read(learn.Known(), out var layers, out _)) { return true; }
            found = (true, layers);
            return Write(text, learn, boundary);
        });
        if (found.HasSplit) { SplitKeys.Check(map, found.Layers, model, codeKey); }
        return text.ToString();
    }

    private static bool Write(StringBuilder text, ConfigMap learn, string? boundary)
    {
        text.Append("  split:                          # layers that devices leave to the aggregator\n    planner: ares\n    alpha: 0.5");
        text.Append("                    # 1: time alone; 0: energy alone\n");
        Append("rate", SplitKeys.RateOf(learn).OrNull());
        Append("momentum", SplitKeys.MomentumOf(learn).OrNull());
        Append("batch", SplitKeys.BatchOf(learn).OrNull());
        Append("boundary", boundary);
        return true;

        void Append(string key, object? value)
        {
            if (value is not null) { text.Append(CultureInfo.InvariantCulture, $"    {key}: {value}\n"); }
        }
    }
}
