using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Simulated;

/// <summary>Answers on held-out devices, in time order within a device.</summary>
internal sealed record HeldAnswers(float[] Probabilities, int[] Labels, int[] Owners)
{
    /// <summary>Significance level of the chance test.</summary>
    internal const double Level = 0.01;

    private int Classes => Probabilities.Length / Math.Max(1, Labels.Length);

    internal static HeldAnswers Of(Network network, Weights weights, float temperature, LabelledWindows held)
    {
        var (rows, classes) = (held.Labels.Length, network.Plan.Classes);
        var (probabilities, exits) = (new float[rows * classes], new int[rows]);
        network.Answer(weights.Values.AsSpan(), new(held.Features, rows),
            ExitRule.Never(network.ExitCount) with { Temperature = temperature }, probabilities, exits, new());
        return new(probabilities, held.Labels, held.Owners);
    }

    internal static HeldAnswers Over(IReadOnlyList<HeldAnswers> parts) => new(
        [.. parts.SelectMany(static p => p.Probabilities)], [.. parts.SelectMany(static p => p.Labels)],
        [.. parts.SelectMany(static p => p.Owners)]);

    /// <summary>Share of random pairings that score as well; null: too few pairings. <paramref name="tried"/>: models tried, as a
    /// correction for the best of several.</summary>
    internal double? Chance(long seed, int tried = 1) => Labels.Length > 0 && ChanceTest.Least(Labels, Owners) * tried > Level ? null
        : Labels.Length == 0 ? 1
        : Math.Min(1, tried * ChanceTest.PValue([.. Probabilities.Chunk(Classes).Select(static p => ModelPlan.ClassOf(p))], Labels, Owners,
            seed));

    /// <summary>Returns scores for a bound; null: too few devices.</summary>
    internal ConformalScores? Scores() => Labels.Length == 0 ? null : ConformalScores.Of(
        [.. Probabilities.Chunk(Classes).Select((p, row) => ConformalScores.OfClass(p, Labels[row]))], Owners);

    /// <summary>Returns a warning; null: better than chance.</summary>
    internal static string? Nothing(double? chance) => chance is null or <= Level ? null : FormattableString.Invariant(
        $"nothing to learn here: on the held-out rows, {100 * chance:0.#} % of random pairings of answers and labels are at least as ")
            + "accurate";

    internal static string BoundText(double coverage, ConformalScores? scores, int judges, HeldAnswers unseen)
    {
        if (scores is null)
        {
            return FormattableString.Invariant($"none: expected at least {ConformalScores.MinGroups} devices to measure it, got ")
                + FormattableString.Invariant($"{judges}");
        }

        var (covered, classes) = unseen.Within(scores.At(coverage));
        return FormattableString.Invariant($"{coverage:P0} guaranteed from {scores.Groups} devices; on unseen devices the right class is ")
            + FormattableString.Invariant($"in {covered:P1} of the sets, with {classes:0.00} classes on average");
    }

    /// <summary>Coverage, and mean classes in a set.</summary>
    internal (double Covered, double Classes) Within(float bound)
    {
        var (covered, count, set) = (0, 0, new int[Classes]);
        foreach (var (row, p) in Probabilities.Chunk(Classes).Index())
        {
            var size = ConformalScores.Set(p, bound, set);
            count += size;
            if (set.AsSpan(0, size).Contains(Labels[row])) { covered++; }
        }

        return (covered / (double)Labels.Length, count / (double)Labels.Length);
    }
}
