namespace StreamLearn.Learning;

/// <summary>Quantiles of a score of held-out groups, which bound the answers to new groups. Immutable.</summary>
/// <remarks> The score is larger for a worse answer: 1 − the probability of the right class, or the distance from the target. Each group,
/// such as a person or a machine, weighs the same. Source: split conformal prediction, Papadopoulos et al. (2002), with whole groups held
/// out, Dunn, Wasserman, Ramdas (2022), without the point at infinity, which overcovers with few groups. </remarks>
/// <param name="Quantiles">Scores below which 0, 1/<see cref="Steps"/>, 2/<see cref="Steps"/>, … of the weight lies.</param>
/// <param name="Groups">Number of held-out groups.</param>
public sealed record ConformalScores(ImmutableArray<float> Quantiles, int Groups)
{
    /// <summary>Minimum judging groups; with fewer, a single group would decide.</summary>
    public const int MinGroups = 15;

    /// <summary>Steps of the quantiles.</summary>
    public const int Steps = 200;

    /// <summary>Computes the quantiles.</summary>
    /// <param name="scores">A finite score per row, larger for worse answers.</param>
    /// <param name="groups">The group of each row.</param>
    /// <returns>Null with fewer than <see cref="MinGroups"/> groups.</returns>
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
        var sorted = new (float Score, double Weight)[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsFinite(scores[i])) { throw new ArgumentException($"expected finite scores, got {scores[i]}", nameof(scores)); }
            sorted[i] = (scores[i], 1.0 / rows[groups[i]] / rows.Count);
        }

        Array.Sort(sorted, static (a, b) => a.Score.CompareTo(b.Score));
        var quantiles = new float[Steps + 1];
        var (at, below) = (0, sorted[0].Weight);
        for (var step = 0; step <= Steps; step++)
        {
            while (at < sorted.Length - 1 && below < ((double)step / Steps) - 1e-9) { below += sorted[++at].Weight; }
            quantiles[step] = sorted[at].Score;
        }

        return new([.. quantiles], rows.Count);
    }

    /// <summary>Returns the score that a share of the weight does not exceed.</summary>
    /// <param name="coverage">The share, 0 to 1; rounded up to a step.</param>
    public float At(double coverage) => Quantiles[(int)Math.Ceiling((Math.Clamp(coverage, 0, 1) * Steps) - 1e-9)];

    /// <summary>Scores a class: 1 − its probability.</summary>
    /// <param name="probabilities">A probability per class.</param>
    /// <param name="label">The right class.</param>
    public static float OfClass(ReadOnlySpan<float> probabilities, int label) => 1 - probabilities[label];

    /// <summary>Scores a value: its distance from the target.</summary>
    /// <param name="value">The value.</param>
    /// <param name="target">The target.</param>
    public static float OfValue(float value, double target) => (float)Math.Abs(value - target);

    /// <summary>Finds the classes within a bound or with a non-finite score, and always the most probable.</summary>
    /// <param name="probabilities">A probability per class.</param>
    /// <param name="bound">The score, of <see cref="At"/> or <see cref="AdaptiveCoverage.Bound"/>.</param>
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
