using System.Text;
using StreamLearn.Programs;

namespace Aggregator;

/// <summary>What the file of a sensor says of layers that the aggregator trains.</summary>
internal static class SplitSection
{
    /// <summary>The section of the aggregator's file, below <c>aggregate</c>; empty: the devices train all layers. What only a sensor
    /// checks is passed over.</summary>
    internal static string Read(ConfigMap map)
    {
        var boundary = map["exchange"].IsAbsent ? null : map.Section("exchange", static m =>
        {
            foreach (var key in m.Keys) { _ = m[key]; }
            return m["boundary"].Text().OrNull();
        });
        var text = new StringBuilder();
        map["pipeline"].List(step => step.Map(s =>
        {
            foreach (var key in s.Keys) { _ = s[key]; }
            return s["learn"].IsAbsent || s.Section("learn", learn => Write(text, learn, boundary));
        }).Required()).Or([]);
        return text.ToString();
    }

    private static bool Write(StringBuilder text, ConfigMap learn, string? boundary)
    {
        foreach (var key in learn.Keys) { _ = learn[key]; }
        if (learn["split"].IsAbsent) { return true; }
        text.Append("  split:                          # layers that devices leave to the aggregator\n    planner: ares\n    alpha: 0.5");
        text.Append("                    # 1: time alone; 0: energy alone\n");
        foreach (var key in (string[])["rate", "momentum", "batch"])
        {
            if (learn[key].Text().OrNull() is { } value) { text.Append("    ").Append(key).Append(": ").Append(value).Append('\n'); }
        }

        if (boundary is not null) { text.Append("    boundary: ").Append(boundary).Append('\n'); }
        return true;
    }
}
