using System.Collections.Immutable;
using System.Globalization;

namespace StreamLearn.Programs;

/// <summary>Reads the split keys of a sensor's file, the same way in both programs.</summary>
internal static class SplitKeys
{
    private static readonly ImmutableArray<string> WithoutMeaning =
        ["clip", "buffer", "adjust_logits", "steps", "steps_per_window", "max_visits", "hold_back"];

    /// <summary>False: no split. With one, buffer sampling keys do not apply: rows are learned once, in order.</summary>
    internal static bool Read(ConfigMap learn, out int? layers, out ImmutableArray<double> watts)
    {
        layers = null;
        watts = learn["watts"].List(static e => e.Number(0, 10_000).Required(), 3, 3).OrNull() ?? [];
        if (learn["split"].Text().OrNull() is not { } split)
        {
            if (!learn["watts"].IsAbsent) { learn["watts"].Refuse("expected them only with split, for a planner"); }
            return false;
        }

        foreach (var key in WithoutMeaning)
        {
            if (!learn[key].IsAbsent) { learn[key].Refuse($"expected no {key} with split: each row is used once, in order"); }
        }

        layers = int.TryParse(split, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (layers is null && split != "auto") { learn["split"].Refuse($"expected auto, or a number of layers, got '{split}'"); }
        return true;
    }

    /// <summary>Reports other keys that do not go with a split.</summary>
    internal static void Check(ConfigMap map, int? layers, ModelConfig model, string? codeKey)
    {
        var all = model.Create().Layers.Length;
        if (layers > all || layers == 0)        // the first layer is the scale, which learns from rows that only the device has
        {
            map["pipeline"].Refuse(FormattableString.Invariant($"expected a split of 1 to {all} layers of this model, got {layers}"));
        }

        if (codeKey is not null) { map["exchange"].Refuse($"expected no {codeKey} with split: the aggregator makes the updates"); }
    }
}
