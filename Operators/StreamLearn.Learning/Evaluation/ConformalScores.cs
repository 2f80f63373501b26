namespace StreamLearn.Learning;

/// <summary>Quantiles of a score over held-out groups, which bound the answers to new groups. Immutable.</summary>
/// <remarks> The score is larger for a worse answer: 1 − the probability of the true class, or the distance from the target. Each group,
/// such as a person or a machine, has the same weight. A share c of the rows of new groups, in the mean of groups, is bounded by the
/// quantile at c · (1 + min(1, 2ρ)/groups), where ρ is the variance between groups of their shares of rows beyond the quantile at c, over
/// c' · (1 − c') of the mean c' of these shares: 0 if groups are alike, 1 if all rows of a group are. Twice, because few groups
/// measure it. Source: split conformal prediction, Papadopoulos et al. (2002); with ρ = 1 hierarchical, Lee, Barber, Willett (2023),
/// theorem 1.</remarks>
/// <param name="Quantiles">Scores bounding a share of 0, 1/<see cref="Steps"/>, 2/<see cref="Steps"/>, … of the rows of new groups.</param>
/// <param name="Groups">Number of held-out groups.</param>
public sealed record ConformalScores(ImmutableArray<float> Quantiles, int Groups)
{
    /// <summary>Minimum number of held-out groups; with fewer, a single group would decide.</summary>
    public const int MinGroups = 15;

    /// <summary>Steps between the quantiles.</summary>
    public const int Steps = 200;

    /// <summary>Computes the quantiles.</summary>
    /// <param name="scores">A finite score per row, larger for worse answers.</param>
    /// <param name="groups">The group of each row.</param>
    /// <returns>The scores; null with fewer than <see cref="MinGroups"/> groups.</returns>
    /// <exception cref="ArgumentException">A score is not finite, or the lengths differ.</exception>
    public static ConformalScores? Of(ReadOnlySpan<float> scores, ReadOnlySpan<int> groups)
    {
        if (scores.Length != groups.Length)
        {
            throw new ArgumentException($"expected a group for each of {scores.Length} scores, got {groups.Length}", nameof(groups));
        }

        var rows = new Dictionary<int, int>();
        foreach (var group in groups) { rows[group] = rows.GetValueOrDefault(group) + 1; }
        if (rows.Count < MinGroups) { return null; }
        var sorted = new (float Score, double Weight, int Group)[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsFinite(scores[i])) { throw new ArgumentException($"expected finite scores, got {scores[i]}", nameof(scores)); }
            sorted[i] = (scores[i], 1.0 / rows[groups[i]] / rows.Count, groups[i]);
        }

        Array.Sort(sorted, static (a, b) => a.Score.CompareTo(b.Score));
        var plain = new int[Steps + 1];
        var (at, below) = (0, sorted[0].Weight);
        for (var step = 0; step <= Steps; step++)
        {
            while (at < sorted.Length - 1 && below < ((double)step / Steps) - 1e-9) { below += sorted[++at].Weight; }
            plain[step] = at;
        }

        var (quantiles, beyond) = (new float[Steps + 1], rows.Keys.ToDictionary(static g => g, static _ => 0.0));
        for (var (step, next) = (Steps, sorted.Length - 1); step >= 0; step--)
        {
            for (; sorted[next].Score > sorted[plain[step]].Score; next--) { beyond[sorted[next].Group] += 1.0 / rows[sorted[next].Group]; }
            var raised = Math.Ceiling((step * (1 + (Alike(beyond.Values) / rows.Count))) - 1e-9);
            quantiles[step] = sorted[plain[(int)Math.Min(Steps, raised)]].Score;
        }

        for (var step = 1; step <= Steps; step++) { quantiles[step] = Math.Max(quantiles[step], quantiles[step - 1]); }
        return new([.. quantiles], rows.Count);
    }

    /// <summary>Twice ρ, at most 1.</summary>
    private static double Alike(Dictionary<int, double>.ValueCollection shares)
    {
        var mean = shares.Average();
        var between = shares.Sum(s => (s - mean) * (s - mean)) / (shares.Count - 1);
        return between > 0 ? Math.Min(1, 2 * between / (mean * (1 - mean))) : 0;
    }

    /// <summary>Returns the minimum number of groups that can bound a share of the rows, if all rows of a group are alike.</summary>
    /// <param name="coverage">The share, 0 to below 1.</param>
    public static int GroupsFor(double coverage) => Math.Max(MinGroups, (int)Math.Ceiling((coverage / (1 - coverage)) - 1e-9));

    /// <summary>Returns the score that bounds a share of the rows of new groups.</summary>
    /// <param name="coverage">The share, 0 to 1; rounded up to a step.</param>
    public float At(double coverage) => Quantiles[(int)Math.Ceiling((Math.Clamp(coverage, 0, 1) * Steps) - 1e-9)];

    /// <summary>Scores a class: 1 − its probability.</summary>
    /// <param name="probabilities">A probability per class.</param>
    /// <param name="label">The true class.</param>
    public static float OfClass(ReadOnlySpan<float> probabilities, int label) => 1 - probabilities[label];

    /// <summary>Scores a value: its distance from the target.</summary>
    public static float OfValue(float value, double target) => (float)Math.Abs(value - target);

    /// <summary>Finds the classes whose score is within a bound or not finite; always includes the most probable one.</summary>
    /// <param name="probabilities">A probability per class.</param>
    /// <param name="bound">The score from <see cref="At"/> or <see cref="AdaptiveCoverage.Bound"/>.</param>
    /// <param name="classes">Receives the classes, the most probable first, the others in order; as long as the probabilities.</param>
    /// <returns>The number of classes.</returns>
    public static int Set(ReadOnlySpan<float> probabilities, float bound, Span<int> classes)
    {
        var (best, count) = (ModelPlan.ClassOf(probabilities), 0);
        classes[count++] = best;
        for (var k = 0; k < probabilities.Length; k++)
        {
            if (k != best && !(1 - probabilities[k] > bound)) { classes[count++] = k; }
        }

        return count;
    }

    /// <inheritdoc />
    public bool Equals(ConformalScores? other) =>
        other is not null && Groups == other.Groups && Quantiles.AsSpan().SequenceEqual(other.Quantiles.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Groups, At(0.5), At(1));
}
