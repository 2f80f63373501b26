using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Simulated;

/// <summary>Answers on held-out devices, in time order per device.</summary>
internal sealed record HeldAnswers(float[] Probabilities, int[] Labels, int[] Owners)
{
    internal const double Level = 0.01;

    private int Classes => Probabilities.Length / Math.Max(1, Labels.Length);

    internal static HeldAnswers Of(Network network, Weights weights, LabelledWindows held)
    {
        var (rows, classes) = (held.Labels.Length, network.Plan.Classes);
        var (probabilities, exits) = (new float[rows * classes], new int[rows]);
        network.Answer(weights.Values.AsSpan(), new(held.Features, rows), ExitRule.Never(network.ExitCount), probabilities, exits, new());
        return new(probabilities, held.Labels, held.Owners);
    }

    /// <summary>Share of random pairings that score at least as well; null if there are too few pairings.</summary>
    internal double? Chance(long seed) => Labels.Length > 0 && ChanceTest.Least(Labels, Owners) > Level ? null : Labels.Length == 0 ? 1
        : ChanceTest.PValue([.. Probabilities.Chunk(Classes).Select(static p => ModelPlan.ClassOf(p))], Labels, Owners, seed);

    /// <summary>Null if the answers are better than chance.</summary>
    internal static string? Nothing(double? chance) => chance is null or <= Level ? null : FormattableString.Invariant(
        $"nothing to learn here: on the held-out rows, {100 * chance:0.#} % of random pairings of answers and labels are at least as ")
            + "accurate";
}
