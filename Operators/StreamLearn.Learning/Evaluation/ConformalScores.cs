using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>How far answers were off on rows of groups that nobody learned from, as the quantiles of a score: what bounds the answers to
/// new groups. Immutable.</summary>
/// <remarks>
/// The score of an answer is larger the worse it fits what came: 1 − the probability of the right class, or the distance of a value from
/// the target. Each group, such as a person or a machine, weighs the same, however many rows it has: what holds for the mean of groups that
/// judge holds for the mean of new ones of their kind. Source: split conformal prediction, Papadopoulos et al. (2002), with groups held out
/// whole, Dunn, Wasserman, Ramdas (2022), without the point at infinity, which with few groups promises more than is asked for.
/// </remarks>
/// <param name="Quantiles">The score below which 0, 1/<see cref="Steps"/>, 2/<see cref="Steps"/>, … of the weight lies.</param>
/// <param name="Groups">Groups that judged.</param>
public sealed record ConformalScores(ImmutableArray<float> Quantiles, int Groups)
{
    /// <summary>Groups that judge at least: with fewer, one that differs decides.</summary>
    public const int MinGroups = 15;

    /// <summary>Quantiles are so many steps apart.</summary>
    public const int Steps = 200;

    /// <summary>Finds them.</summary>
    /// <param name="scores">A score for each row, finite, larger where the answer fits worse.</param>
    /// <param name="groups">The group of each row.</param>
    /// <returns>Null: fewer than <see cref="MinGroups"/> groups judge, too few for a promise.</returns>
    /// <exception cref="ArgumentException">A score is not finite, or there are not as many groups as scores.</exception>
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

    /// <summary>The score that a share of the weight does not exceed.</summary>
    /// <param name="coverage">The share, 0 to 1; rounded up to the next step.</param>
    public float At(double coverage) => Quantiles[(int)Math.Ceiling((Math.Clamp(coverage, 0, 1) * Steps) - 1e-9)];

    /// <summary>The score of a class: 1 − its probability.</summary>
    /// <param name="probabilities">A probability for each class.</param>
    /// <param name="label">The right class.</param>
    public static float OfClass(ReadOnlySpan<float> probabilities, int label) => 1 - probabilities[label];

    /// <summary>The score of a value: its distance from the target.</summary>
    /// <param name="value">The value.</param>
    /// <param name="target">What it should have been.</param>
    public static float OfValue(float value, double target) => (float)Math.Abs(value - target);

    /// <summary>Finds the classes that a bound leaves: those whose score does not exceed it or is no number, and the most probable one in
    /// any case.</summary>
    /// <param name="probabilities">A probability for each class.</param>
    /// <param name="bound">The score, of <see cref="At"/> or <see cref="AdaptiveCoverage.Bound"/>.</param>
    /// <param name="classes">Gets the classes, the most probable one first, the others in their order; as long as the
    /// probabilities.</param>
    /// <returns>How many.</returns>
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
