using StreamLearn.Learning;
using StreamLearn.Models;

namespace Tool;

/// <summary>Answers to windows of devices that a model did not learn from, in the order of time within a device.</summary>
internal sealed record HeldAnswers(float[] Probabilities, int[] Labels, int[] Owners)
{
    /// <summary>Above it, answers know nothing, or too little to tell.</summary>
    internal const double Level = 0.01;

    private int Classes => Probabilities.Length / Math.Max(1, Labels.Length);

    /// <summary>Answers windows.</summary>
    internal static HeldAnswers Of(Network network, Weights weights, float temperature, LabelledWindows held)
    {
        var (rows, classes) = (held.Labels.Length, network.Plan.Classes);
        var (probabilities, exits) = (new float[rows * classes], new int[rows]);
        network.Answer(weights.Values.AsSpan(), new(held.Features, rows),
            ExitRule.Never(network.ExitCount) with { Temperature = temperature }, probabilities, exits, new());
        return new(probabilities, held.Labels, held.Owners);
    }

    /// <summary>Those of several parts of the devices.</summary>
    internal static HeldAnswers Over(IReadOnlyList<HeldAnswers> parts) => new(
        [.. parts.SelectMany(static p => p.Probabilities)], [.. parts.SelectMany(static p => p.Labels)],
        [.. parts.SelectMany(static p => p.Owners)]);

    /// <summary>The share of random pairings in which at least as many answers are right; null: there are too few pairings to tell.
    /// <paramref name="tried"/>: how many models were tried, as the best of several is right by chance as many times.</summary>
    internal double? Chance(long seed, int tried = 1) => Labels.Length > 0 && ChanceTest.Least(Labels, Owners) * tried > Level ? null
        : Labels.Length == 0 ? 1
        : Math.Min(1, tried * ChanceTest.PValue([.. Probabilities.Chunk(Classes).Select(static p => ModelPlan.ClassOf(p))], Labels, Owners,
            seed));

    /// <summary>What bounds answers to other devices; null: too few judge.</summary>
    internal ConformalScores? Scores() => Labels.Length == 0 ? null : ConformalScores.Of(
        [.. Probabilities.Chunk(Classes).Select((p, row) => ConformalScores.OfClass(p, Labels[row]))], Owners);

    /// <summary>What is said where answers know nothing; null: they know something.</summary>
    internal static string? Nothing(double? chance) => chance is null or <= Level ? null : FormattableString.Invariant(
        $"nothing to learn here: on what was left out, {100 * chance:0.#} % of random pairings of answers and labels are as right");

    /// <summary>What sets of classes hold on the unseen; or why there are none. <paramref name="judges"/>: devices that
    /// judged.</summary>
    internal static string BoundText(double coverage, ConformalScores? scores, int judges, HeldAnswers unseen)
    {
        if (scores is null)
        {
            return FormattableString.Invariant($"none: expected at least {ConformalScores.MinGroups} devices to judge by, got {judges}");
        }

        var (covered, classes) = unseen.Within(scores.At(coverage));
        return FormattableString.Invariant($"{coverage:P0} promised by {scores.Groups} devices; on the unseen the right class is in ")
            + FormattableString.Invariant($"{covered:P1} of the sets, of {classes:0.00} classes in the mean");
    }

    /// <summary>How often the right class is in the set, and how many classes a set has.</summary>
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
