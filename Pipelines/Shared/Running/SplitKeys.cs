using System.Collections.Immutable;
using System.Globalization;

namespace StreamLearn.Programs;

internal static class SplitKeys
{
    private static readonly ImmutableArray<string> WithoutMeaning =
        ["clip", "buffer", "adjust_logits", "steps", "steps_per_window", "max_visits", "shrink_after", "penalty",
            "hold_back"];

    /// <summary>Returns false without a split. With a split, the keys for sampling the buffer do not apply: rows are learned once, in
    /// order.</summary>
    internal static bool Read(ConfigMap learn, out int? layers, out ImmutableArray<double> watts)
    {
        layers = null;
        const string watt = "power in W to compute, send and receive, for a planner that saves energy; with `split: auto`";
        watts = learn["watts", watt].List(static e => e.Number(0, 10_000).Required(), 3, 3).OrNull() ?? [];
        var entry = learn["split", "layers on the device; the aggregator trains the others"].As("`auto`, or a number");
        if (entry.Text().OrNull() is not { } split)
        {
            if (!learn["watts"].IsAbsent) { learn["watts"].Refuse("expected them only with split, for a planner"); }
            return false;
        }

        learn.RefuseGiven(WithoutMeaning, static key => $"expected no {key} with split: each row is used once, in order");
        layers = int.TryParse(split, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (layers is null && split != "auto") { entry.Refuse($"expected auto, or a number of layers, got '{split}'"); }
        return true;
    }

    internal static ConfigField<double> RateOf(ConfigMap map, string meaning = "learning rate") => map["rate", meaning].Number(1e-9, 100);

    internal static ConfigField<double> MomentumOf(ConfigMap map, string meaning = "of the steps") =>
        map["momentum", meaning].Number(0, 0.9999);

    internal static ConfigField<long> BatchOf(ConfigMap map, string meaning = "windows of a step") =>
        map["batch", meaning].Whole(1, 4096);

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
