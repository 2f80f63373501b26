using System.Globalization;
using System.Text;

namespace Aggregator;

internal static class SplitSection
{
    /// <summary>Below <c>aggregate</c>; empty: devices train all layers. Ignores what only a sensor checks.</summary>
    internal static string Read(ConfigMap map, ModelConfig model)
    {
        var (boundary, codeKey) = map["exchange"].IsAbsent ? default : map.Section("exchange", static m =>
        {
            foreach (var key in m.Keys) { _ = m[key]; }
            return (m["boundary"].Word("float32", "int8").OrNull(),
                m["code"].IsAbsent ? m["significance"].IsAbsent ? null : "significance" : "code");
        });
        var text = new StringBuilder();
        (bool HasSplit, int? Layers) found = default;
        map["pipeline"].List(step => step.Map(s =>
        {
            foreach (var key in s.Keys) { _ = s[key]; }
            return s["learn"].IsAbsent || s.Section("learn", learn =>
            {
                foreach (var key in learn.Keys) { _ = learn[key]; }
                if (!SplitKeys.Read(learn, out var layers, out _)) { return true; }
                found = (true, layers);
                return Write(text, learn, boundary);
            });
        }).Required()).Or([]);
        if (found.HasSplit) { SplitKeys.Check(map, found.Layers, model, codeKey); }
        return text.ToString();
    }

    private static bool Write(StringBuilder text, ConfigMap learn, string? boundary)
    {
        text.Append("  split:                          # layers that devices leave to the aggregator\n    planner: ares\n    alpha: 0.5");
        text.Append("                    # 1: time alone; 0: energy alone\n");
        Append("rate", learn["rate"].Number(1e-9, 100).OrNull());
        Append("momentum", learn["momentum"].Number(0, 0.9999).OrNull());
        Append("batch", learn["batch"].Whole(1, 4096).OrNull());
        Append("boundary", boundary);
        return true;

        void Append(string key, object? value)
        {
            if (value is not null) { text.Append(CultureInfo.InvariantCulture, $"    {key}: {value}\n"); }
        }
    }
}
